/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "services.h"

#include <signal.h>
#include <string.h>

/* "output FILE: no such file" for what could not be opened. */
static int fail(char message[SERVICES_MESSAGE], const char *what,
		const char *name, int error)
{
	snprintf(message, SERVICES_MESSAGE, "%s%s: %s", what, name,
		 strerror(-error));
	return error;
}

/* Each step leaves what services_release() can release. */
static int open_all(struct services *services,
		    const struct services_config *config,
		    char message[SERVICES_MESSAGE])
{
	struct files *files = &services->files;
	int error = stop_init(&services->stop);

	if (error)
		return fail(message, "eventfd", "", error);
	error = judge_open(&services->judge, config->judge, config->judge_file);
	if (error)
		return fail(message, "judge ", config->judge_file, error);
	error = observe_init(&services->observer, config->trace, config->filter,
			     config->stats);
	if (error)
		return fail(message, "trace", "", error);
	if (judge_is_on(&services->judge))
		observe_judge(&services->observer, &services->judge);
	error = console_init(&services->console, config->output,
			     &services->stop);
	if (error)
		return fail(message, "output ", config->output, error);
	files->stop = &services->stop;
	files->console = &services->console;
	descriptors_init(&files->descriptors);
	files->descriptors.ascending = judge_is_on(&services->judge);
	error = names_init(&files->names, config->mappings,
			   config->mapping_count, config->tempdir, message,
			   SERVICES_MESSAGE);
	if (error || config->allow_special)
		return error;
	return names_refuse_special(&files->names, message, SERVICES_MESSAGE);
}

int services_init(struct services *services,
		  const struct services_config *config,
		  char message[SERVICES_MESSAGE])
{
	*services = (struct services){
		.mem = config->mem,
		.stop = {.event = -1},
		.argv = config->argv,
		.argc = config->argc,
		.envp = config->envp,
		.envc = config->envc,
		.walk = config->walk,
		.site = config->site,
		.walk_context = config->walk_context,
	};
	/* A closed pipe, a file at its limit: errors of the one call. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	int error = open_all(services, config, message);
	if (error)
		services_release(services);
	return error;
}

void services_stop(struct services *services)
{
	stop_now(&services->stop);
}

void services_report(const struct services *services, FILE *to)
{
	if (services->observer.stats)
		observe_report(&services->observer, to);
}

int services_release(struct services *services)
{
	descriptors_release(&services->files.descriptors);
	int error = names_release(&services->files.names);
	console_release(&services->console);
	stop_release(&services->stop);
	observe_release(&services->observer);
	judge_release(&services->judge);
	return error;
}
