# The one door. Every product goes under build/; each room has a .mk file of its
# own, which this file only collects.

ARCH ?= x86_64
HYPERVISOR ?= reference
PYTHON ?= python3
PREFIX ?= /usr/local
CROSS_x86_64 :=
CROSS_aarch64 := aarch64-linux-gnu-

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wvla -Werror

# V=1 shows the commands instead of one line for each product.
ifeq ($(V),1)
Q :=
say =
else
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(2)'
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

include $(wildcard */*.mk)

clean:
	rm -rf build
.PHONY: help clean
