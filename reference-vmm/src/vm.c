/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Creation of the machine. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch.h"

#define KVM_DEVICE "/dev/kvm"

static int open_kvm(struct why *why)
{
	int kvm = open(KVM_DEVICE, O_RDWR | O_CLOEXEC);
	if (kvm >= 0)
		return kvm;
	const char *advice = "";
	if (errno == ENOENT)
		advice = "; does this host have KVM, and is its module loaded?";
	else if (errno == EACCES || errno == EPERM)
		advice = "; is this user in the group kvm?";
	return refuse(why, "cannot open " KVM_DEVICE ": %s%s", strerror(errno),
		      advice);
}

/* Checks what this program relies on; all older than any supported kernel. */
static int check_kvm(struct vm *vm, int kvm, struct why *why)
{
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return refuse(why, KVM_DEVICE " is not KVM");
	bool has = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_IMMEDIATE_EXIT) > 0;
	for (const int *cap = arch.needed_caps; has && *cap; cap++)
		has = ioctl(kvm, KVM_CHECK_EXTENSION, *cap) > 0;
	if (!has)
		return refuse(why, "the KVM of this host is too old");
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run))
		return refuse(why, "KVM_GET_VCPU_MMAP_SIZE: %s",
			      strerror(errno));
	vm->run_size = (size_t)size;
	return 0;
}

/*
 * Guest RAM: zero, taken from the host page by page when it is touched, never
 * executable for this process.
 */
static int create_ram(struct vm *vm, const struct boot *boot, struct why *why)
{
	void *host = mmap(NULL, boot->ram_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (host == MAP_FAILED)
		return refuse(why,
			      "cannot reserve %llu MiB for the guest: %s; give "
			      "it a smaller --memory-size",
			      (unsigned long long)boot->ram_size >> 20,
			      strerror(errno));
	vm->ram = (struct gmem){
		.host = host, .start = boot->ram_start, .size = boot->ram_size};
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = vm->ram.start,
		.memory_size = vm->ram.size,
		.userspace_addr = (uint64_t)(uintptr_t)host};
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return refuse(why, "KVM_SET_USER_MEMORY_REGION: %s",
			      strerror(errno));
	return 0;
}

static int create_vcpu(struct vm *vm, unsigned index, struct why *why)
{
	struct vcpu *vcpu = &vm->vcpus[index];
	vcpu->vm = vm;
	vcpu->index = index;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0)
		return refuse(why, "cannot create vCPU %u: %s", index,
			      strerror(errno));
	void *run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (run == MAP_FAILED)
		return refuse(why, "cannot map vCPU %u: %s", index,
			      strerror(errno));
	vcpu->run = run;
	return 0;
}

static int create_vcpus(struct vm *vm, unsigned count, struct why *why)
{
	vm->vcpus = calloc(count, sizeof(*vm->vcpus));
	if (!vm->vcpus)
		return refuse(why, "out of memory");
	for (vm->vcpu_count = 0; vm->vcpu_count < count; vm->vcpu_count++)
		if (create_vcpu(vm, vm->vcpu_count, why))
			return -1;
	return 0;
}

int vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
	      struct why *why)
{
	int kvm = open_kvm(why);
	if (kvm < 0 || check_kvm(vm, kvm, why))
		return -1;
	int64_t type = arch_vm_type(kvm, boot->ram_start + boot->ram_size, why);
	if (type < 0)
		return -1;
	vm->fd = ioctl(kvm, KVM_CREATE_VM, type);
	if (vm->fd < 0)
		return refuse(why, "cannot create a virtual machine: %s",
			      strerror(errno));
	if (create_ram(vm, boot, why) || arch_vm_init(vm, why) ||
	    create_vcpus(vm, vcpus, why) || arch_vm_finish(vm, kvm, why))
		return -1;
	close(kvm);
	return 0;
}

int vm_set_entry(struct vm *vm, const struct boot *boot, struct why *why)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (arch_vcpu_entry(&vm->vcpus[i], boot, why))
			return -1;
	return 0;
}
