# Compiles and links a guest: position independent from address 0, with its
# notes, without what a bare machine has not: vectors (plain -O2 would use them), a red
# zone, a C library, threads. The folder of this file is UHYVE_SDK.

UHYVE_SDK := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
UHYVE_ARCH ?= x86_64
# Installed, the headers lie in PREFIX/include; in the source tree in include, and in a
# release's archive beside this folder.
UHYVE_INCLUDE := $(patsubst %/uhyve_interface/v2.h,%,$(firstword $(wildcard \
	$(UHYVE_SDK)/../../../include/uhyve_interface/v2.h $(UHYVE_SDK)/../../include/uhyve_interface/v2.h \
	$(UHYVE_SDK)/../include/uhyve_interface/v2.h)))

UHYVE_CFLAGS_x86_64 := -mgeneral-regs-only -fcf-protection=none -mno-red-zone
UHYVE_CFLAGS_aarch64 := -mgeneral-regs-only -mno-outline-atomics -mstrict-align \
	-mbranch-protection=none
UHYVE_CFLAGS_riscv64 := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mstrict-align
UHYVE_CFLAGS := -O2 -g -ffreestanding -fno-builtin -fno-stack-protector -fpie \
	-fvisibility=hidden -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns -I$(UHYVE_INCLUDE) -I$(UHYVE_SDK)
UHYVE_CXXFLAGS := -fno-exceptions -fno-rtti -fno-threadsafe-statics
UHYVE_LDFLAGS := -nostdlib -Wl,-T,$(UHYVE_SDK)/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-dynamic-linker -Wl,--no-warn-rwx-segments

# Byte 7 of an image, which no linker option sets, says that no operating system's ABI
# is meant. $(1): the image
uhyve_mark = printf '\377' | dd of=$(1) bs=1 seek=7 conv=notrunc status=none
