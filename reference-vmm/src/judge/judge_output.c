/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The report, for people and for programs. */
#include <inttypes.h>
#include <string.h>

#include "../trace.h"
#include "judge.h"

static void put_finding(const struct judge *judge,
			const struct judge_finding *finding)
{
	const struct judge_row *row = &judge_rows[finding->rule];
	char place[160];

	judge_place(judge, finding->pc, place, sizeof(place));
	fprintf(judge->out, "%s: %s: %s\n", row->warning ? "warning" : "BROKEN",
		row->id, finding->what);
	if (finding->has_call)
		fprintf(judge->out, "    call     %s\n", finding->call);
	fprintf(judge->out, "    place    vCPU %u at %s\n", finding->vcpu,
		place);
	fprintf(judge->out, "    count    %" PRIu64 "\n", finding->count);
	fprintf(judge->out, "    mend it  %s\n", row->mend);
}

static void put_stops(const struct judge *judge, const struct judge_end *end)
{
	char place[160];

	for (unsigned i = 0; i < end->stop_count; i++) {
		judge_place(judge, end->stops[i].pc, place, sizeof(place));
		fprintf(judge->out, "stopped: vCPU %u at %s: %s\n", i, place,
			end->stops[i].what);
	}
}

void judge_write_text(const struct judge *judge, const struct judge_end *end)
{
	unsigned obeyed = 0, broken = 0, silent = 0;

	put_stops(judge, end);
	for (unsigned i = 0; i < judge->finding_count; i++)
		put_finding(judge, &judge->findings[i]);
	for (unsigned rule = 0; rule < JUDGE_RULES; rule++) {
		if (judge_rows[rule].warning || !judge_rows[rule].passive)
			continue;
		if (judge->broken[rule])
			broken++;
		else if (judge->obeyed[rule])
			obeyed++;
		else
			silent++;
	}
	fprintf(judge->out,
		"judged: %" PRIu64 " calls, ended by %s with status %d; of the "
		"rules that a run shows %u obeyed, %u broken, %u not "
		"exercised\n",
		judge->calls, end->how, end->status, obeyed, broken, silent);
}

static void put_rule(const struct judge *judge, unsigned rule, FILE *to)
{
	fprintf(to,
		"{\"id\":\"%s\",\"obeyed\":%" PRIu64 ",\"broken\":%" PRIu64 "}",
		judge_rows[rule].id, judge->obeyed[rule], judge->broken[rule]);
}

static void put_json(const struct judge *judge,
		     const struct judge_finding *finding, FILE *to)
{
	char place[160];

	judge_place(judge, finding->pc, place, sizeof(place));
	fprintf(to,
		"{\"id\":\"%s\",\"vcpu\":%u,\"pc\":%" PRIu64
		",\"linked\":%" PRIu64 ",\"count\":%" PRIu64 ",\"place\":",
		judge_rows[finding->rule].id, finding->vcpu, finding->pc,
		finding->pc - judge->load, finding->count);
	trace_quote(place, strlen(place), to);
	fputs(",\"call\":", to);
	if (finding->has_call)
		trace_quote(finding->call, strlen(finding->call), to);
	else
		fputs("null", to);
	fputs(",\"what\":", to);
	trace_quote(finding->what, strlen(finding->what), to);
	putc('}', to);
}

static void put_stop(const struct judge *judge, const struct judge_stop *stop,
		     FILE *to)
{
	char place[160];

	judge_place(judge, stop->pc, place, sizeof(place));
	fprintf(to, "{\"pc\":%" PRIu64 ",\"linked\":%" PRIu64 ",\"place\":",
		stop->pc, stop->pc - judge->load);
	trace_quote(place, strlen(place), to);
	fputs(",\"what\":", to);
	trace_quote(stop->what, strlen(stop->what), to);
	putc('}', to);
}

void judge_write_json(const struct judge *judge, const struct judge_end *end)
{
	FILE *to = judge->out;

	fprintf(to,
		"{\"format\":1,\"ended\":\"%s\",\"status\":%d,\"calls\":"
		"%" PRIu64 ",\"interface\":%u,\"load\":%" PRIu64 ",\"rules\":[",
		end->how, end->status, judge->calls, judge->interface,
		judge->load);
	for (unsigned rule = 0; rule < JUDGE_RULES; rule++) {
		fputs(rule ? ",\n" : "\n", to);
		put_rule(judge, rule, to);
	}
	fputs("],\"findings\":[", to);
	for (unsigned i = 0; i < judge->finding_count; i++) {
		fputs(i ? ",\n" : "\n", to);
		put_json(judge, &judge->findings[i], to);
	}
	fputs("],\"vcpus\":[", to);
	for (unsigned i = 0; i < end->stop_count; i++) {
		fputs(i ? ",\n" : "\n", to);
		put_stop(judge, &end->stops[i], to);
	}
	fputs("]}\n", to);
}
