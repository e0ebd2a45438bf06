/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* More than any KVM has (KVM_MAX_CPUID_ENTRIES). */
#define MAX_ENTRIES 256

#define FEATURES 0x1
#define FEATURES_ECX_HYPERVISOR (1u << 31)
#define FEATURES_ECX_TSC_DEADLINE (1u << 24)
#define FEATURES_EDX_MSR (1u << 5)
#define FEATURES_EBX_APIC_ID 24
#define FEATURES_EBX_KEEP 0x00ffffffu
/* VMX, performance monitoring by MSR: not for a guest. */
#define FEATURES_ECX_HIDDEN (1u << 5 | 1u << 15)
#define PERFORMANCE_MONITOR 0xa
#define TOPOLOGY 0xb
#define TOPOLOGY_2 0x1f
#define AMD_TOPOLOGY 0x8000001e
#define AMD_FEATURES 0x80000001
/* SVM and three kinds of performance counters. */
#define AMD_FEATURES_ECX_HIDDEN (1u << 2 | 1u << 23 | 1u << 24 | 1u << 28)
#define AMD_SVM 0x8000000a
#define AMD_PERFORMANCE_MONITOR 0x80000022
#define BRAND_FIRST 0x80000002
#define BRAND_LAST 0x80000004

/* By which Hermit tells that it runs on a Uhyve machine. */
static const char brand[48] = "uhyve - unikernel hypervisor";

static void set_brand(struct kvm_cpuid_entry2 *entry)
{
	uint32_t words[4];
	memcpy(words, brand + 16 * (entry->function - BRAND_FIRST),
	       sizeof(words));
	entry->eax = words[0];
	entry->ebx = words[1];
	entry->ecx = words[2];
	entry->edx = words[3];
}

/*
 * What a guest does not need is hidden, whatever KVM offers: virtualization of
 * its own, whose code in the host's kernel it would reach, and performance
 * counters, by which it could watch others.
 */
void cpuid_adjust(struct kvm_cpuid_entry2 *entry)
{
	if (entry->function == FEATURES) {
		entry->ecx &= ~FEATURES_ECX_HIDDEN;
		entry->ecx |=
			FEATURES_ECX_HYPERVISOR | FEATURES_ECX_TSC_DEADLINE;
		entry->edx |= FEATURES_EDX_MSR;
	} else if (entry->function == AMD_FEATURES) {
		entry->ecx &= ~AMD_FEATURES_ECX_HIDDEN;
	} else if (entry->function == PERFORMANCE_MONITOR ||
		   entry->function == AMD_SVM ||
		   entry->function == AMD_PERFORMANCE_MONITOR) {
		entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
	} else if (entry->function >= BRAND_FIRST &&
		   entry->function <= BRAND_LAST) {
		set_brand(entry);
	}
}

/* KVM gives the numbers of the host's CPU that it runs on. */
static void set_apic_id(struct kvm_cpuid2 *cpuid, uint32_t id)
{
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];
		if (entry->function == FEATURES)
			entry->ebx = (entry->ebx & FEATURES_EBX_KEEP) |
				     id << FEATURES_EBX_APIC_ID;
		else if (entry->function == TOPOLOGY ||
			 entry->function == TOPOLOGY_2)
			entry->edx = id;
		else if (entry->function == AMD_TOPOLOGY)
			entry->eax = id;
	}
}

int cpuid_set(const struct vm *vm, int kvm, struct why *why)
{
	int result = 0;
	struct kvm_cpuid2 *cpuid = calloc(
		1, sizeof(*cpuid) + MAX_ENTRIES * sizeof(cpuid->entries[0]));
	if (!cpuid)
		return refuse(why, "out of memory");
	cpuid->nent = MAX_ENTRIES;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid) < 0)
		result = refuse(why, "KVM_GET_SUPPORTED_CPUID: %s",
				strerror(errno));
	for (uint32_t i = 0; !result && i < cpuid->nent; i++)
		cpuid_adjust(&cpuid->entries[i]);
	for (unsigned i = 0; !result && i < vm->vcpu_count; i++) {
		set_apic_id(cpuid, i);
		if (ioctl(vm->vcpus[i].fd, KVM_SET_CPUID2, cpuid) < 0)
			result = refuse(why, "KVM_SET_CPUID2: %s",
					strerror(errno));
	}
	free(cpuid);
	return result;
}
