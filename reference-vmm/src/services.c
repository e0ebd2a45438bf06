/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "services.h"

#include <signal.h>
#include <string.h>

static int open_files(struct services *services,
		      const struct services_config *config,
		      char message[SERVICES_MESSAGE])
{
	struct files *files = &services->files;

	files->stop = &services->stop;
	files->console = &services->console;
	descriptors_init(&files->descriptors);
	return names_init(&files->names, config->mappings,
			  config->mapping_count, config->tempdir, message,
			  SERVICES_MESSAGE);
}

int services_init(struct services *services,
		  const struct services_config *config,
		  char message[SERVICES_MESSAGE])
{
	int error;

	*services = (struct services){
		.mem = config->mem,
		.argv = config->argv,
		.argc = config->argc,
		.envp = config->envp,
		.envc = config->envc,
		.walk = config->walk,
		.walk_context = config->walk_context,
	};
	/* A closed pipe is an error of the one call, not of the machine. */
	signal(SIGPIPE, SIG_IGN);
	error = observe_init(&services->observer, config->trace, config->stats);
	if (error) {
		snprintf(message, SERVICES_MESSAGE, "trace: %s",
			 strerror(-error));
		return error;
	}
	error = stop_init(&services->stop);
	if (error) {
		snprintf(message, SERVICES_MESSAGE, "eventfd: %s",
			 strerror(-error));
		return error;
	}
	error = console_init(&services->console, config->output,
			     &services->stop);
	if (error) {
		snprintf(message, SERVICES_MESSAGE, "output %s: %s",
			 config->output, strerror(-error));
		stop_release(&services->stop);
		return error;
	}
	error = open_files(services, config, message);
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

void services_release(struct services *services)
{
	descriptors_release(&services->files.descriptors);
	names_release(&services->files.names);
	console_release(&services->console);
	stop_release(&services->stop);
	observe_release(&services->observer);
}
