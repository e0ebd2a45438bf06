/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Findings: who broke which rule where, and how often. */
#include "judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../image.h"
#include "../message.h"
#include "../observe.h"
#include "../services.h"

#define HOW_STATIC false
#define HOW_PASSIVE true
#define HOW_FREEDOM false
#define HOW_NEVER false

const struct judge_row judge_rows[JUDGE_RULES] = {
#define JUDGE_RULE(name, id, how, mend) {id, mend, false, HOW_##how},
#define JUDGE_WARNING(name, slug, mend) {slug, mend, true, true},
#include "rules.def"
};

int judge_open(struct judge *judge, enum judge_mode mode, const char *file)
{
	judge->mode = mode;
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	/* A detector holds it, and reports. */
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&judge->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	if (mode == JUDGE_SILENT)
		return 0;
	judge->findings = calloc(JUDGE_FINDINGS, sizeof(*judge->findings));
	judge->descriptors =
		judge_is_on(judge) ? calloc(JUDGE_DESCRIPTORS, 1) : NULL;
	if (!judge->findings || (judge_is_on(judge) && !judge->descriptors))
		return -ENOMEM;
	judge->out = stderr;
	if (!file)
		return 0;
	judge->out = fopen(file, "we");
	judge->to_file = judge->out;
	return judge->out ? 0 : -errno;
}

void judge_release(struct judge *judge)
{
	if (judge->to_file)
		fclose(judge->out);
	free(judge->findings);
	free(judge->descriptors);
	judge->findings = NULL;
	judge->descriptors = NULL;
	judge->to_file = false;
}

void judge_place(const struct judge *judge, uint64_t pc, char *to, size_t size)
{
	int used = snprintf(to, size, "0x%" PRIx64, pc);

	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	if (used < 0 || (size_t)used + 8 > size || !judge->image ||
	    !image_symbol(judge->image, pc - judge->load, name, &distance))
		return;
	snprintf(to + used, size - (size_t)used, " (%s+0x%" PRIx64 ")", name,
		 distance);
}

void judge_obeyed(struct judge *judge, enum judge_rule rule)
{
	if (!judge_is_on(judge))
		return;
	pthread_mutex_lock(&judge->lock);
	judge->obeyed[rule]++;
	pthread_mutex_unlock(&judge->lock);
}

/* The finding of rule at pc, a new one, or NULL when there is no room. */
static struct judge_finding *finding_at(struct judge *judge,
					enum judge_rule rule, uint64_t pc)
{
	struct judge_finding *finding = judge->findings;

	for (unsigned i = 0; i < judge->finding_count; i++, finding++)
		if (finding->rule == rule && finding->pc == pc)
			return finding;
	if (judge->finding_count == JUDGE_FINDINGS)
		return NULL;
	judge->finding_count++;
	finding->rule = rule;
	finding->pc = pc;
	return finding;
}

/* "FileClose(fd=3)" */
static void describe(const struct call *call, char to[JUDGE_TEXT_SIZE])
{
	FILE *stream = fmemopen(to, JUDGE_TEXT_SIZE - 1, "w");

	if (!stream)
		return;
	observe_describe(call, stream);
	fclose(stream);
}

/* uhyve warns of these or dies of them: worth a line although no one asked. */
static bool is_loud(enum judge_rule rule)
{
	switch (rule) {
	case JUDGE_UNKNOWN_NUMBER:
	case JUDGE_OLD_NUMBER:
	case JUDGE_PORT:
	case JUDGE_READ:
	case JUDGE_SHM_004:
	case JUDGE_PTR_060:
	case JUDGE_PATH_016:
	case JUDGE_EXIT_060:
	case JUDGE_SWBYTE_060:
	case JUDGE_NEGATIVE:
	case JUDGE_RESULT_IGNORED:
	case JUDGE_WRITE_FAILED:
	case JUDGE_STRAY:
		return true;
	default:
		return false;
	}
}

static void warn(const struct judge *judge, const struct judge_finding *finding)
{
	char place[160];

	judge_place(judge, finding->pc, place, sizeof(place));
	warning("warning: vCPU %u at %s: %s [%s]%s%.200s", finding->vcpu, place,
		finding->what, judge_rows[finding->rule].id,
		finding->has_call ? ": " : "", finding->call);
}

void judge_broken(struct judge *judge, enum judge_rule rule, unsigned vcpu,
		  uint64_t pc, const struct call *call, const char *format, ...)
{
	if (judge->mode == JUDGE_SILENT ||
	    (judge->mode == JUDGE_WARN && !is_loud(rule)))
		return;
	pthread_mutex_lock(&judge->lock);
	struct judge_finding *finding = finding_at(judge, rule, pc);
	judge->broken[rule]++;
	if (finding && finding->count++ == 0) {
		va_list arguments;
		va_start(arguments, format);
		vsnprintf(finding->what, sizeof(finding->what), format,
			  arguments);
		va_end(arguments);
		finding->vcpu = vcpu;
		finding->has_call = call != NULL;
		if (call)
			describe(call, finding->call);
		if (judge->mode == JUDGE_WARN)
			warn(judge, finding);
	}
	pthread_mutex_unlock(&judge->lock);
}

/* Rules that a guest obeys by never breaking them: counted once a run. */
static void obey_prohibitions(struct judge *judge)
{
	static const enum judge_rule rules[] = {JUDGE_SHM_004, JUDGE_BOOT_104};

	for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		judge->obeyed[rules[i]] += judge->calls > 0;
	judge->obeyed[JUDGE_BOOT_105] += judge->watches_memory;
}

void judge_report(struct judge *judge, const struct judge_end *end)
{
	if (!judge_is_on(judge))
		return;
	pthread_mutex_lock(&judge->lock);
	obey_prohibitions(judge);
	if (judge->mode == JUDGE_JSON)
		judge_write_json(judge, end);
	else
		judge_write_text(judge, end);
	if (fflush(judge->out))
		warning("the report cannot be written: %s", strerror(errno));
	pthread_mutex_unlock(&judge->lock);
}
