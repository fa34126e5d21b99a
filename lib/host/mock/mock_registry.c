/* SPDX-License-Identifier: MIT */
/*
 * mock_registry.c - device models by name, known to the whole process.
 *
 * The only state of librbdrv-host that no context owns.
 */
#include <string.h>

#include "host/mock/mock_machine.h"

struct model {
	struct model *next;
	char name[MOCK_NAME];
	rb_mock_build_fn build;
	void *arg;
};

static const struct builtin {
	const char *name;
	rb_mock_build_fn build;
} builtins[] = {
	{ "edu", rbi_mock_edu_build },
	{ "bridge", rbi_mock_bridge_build },
};

static pthread_mutex_t models_lock = PTHREAD_MUTEX_INITIALIZER;
static struct model *models; /* the registered ones */

bool rbi_mock_name_is_good(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	size_t len;

	if (!name)
		return false;
	len = strspn(name, allowed);
	return len > 0 && len < MOCK_NAME && name[len] == '\0';
}

/* The built-in model, or NULL. */
static const struct builtin *find_builtin(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}

/* The link that leads to the registered model, or to NULL. */
static struct model **find(const char *name)
{
	struct model **link;

	for (link = &models; *link; link = &(*link)->next)
		if (strcmp((*link)->name, name) == 0)
			break;
	return link;
}

static bool find_registered(const char *name, rb_mock_build_fn *build, void **arg)
{
	struct model *model;

	pthread_mutex_lock(&models_lock);
	model = *find(name);
	if (model) {
		*build = model->build;
		*arg = model->arg;
	}
	pthread_mutex_unlock(&models_lock);
	return model != NULL;
}

int rbi_mock_model_find(const char *name, rb_mock_build_fn *build, void **arg)
{
	const struct builtin *builtin = find_builtin(name);

	if (builtin) {
		*build = builtin->build;
		*arg = NULL;
		return 0;
	}
	if (find_registered(name, build, arg))
		return 0;
	return rbi_fail(-ENOENT,
			"mock: no device model '%.64s'; rb_mock_model_register() makes one known",
			name);
}

int rb_mock_model_register(const char *name, rb_mock_build_fn build, void *arg)
{
	struct model *model;
	int rc = 0;

	if (!build || !rbi_mock_name_is_good(name))
		return rbi_fail(-EINVAL,
				"rb_mock_model_register: '%.64s' is no name for a model, "
				"or it cannot be built",
				name ? name : "(null)");

	model = rbi_alloc(1, sizeof(*model));
	if (!model)
		return rbi_no_memory("a device model");
	memcpy(model->name, name, strlen(name));
	model->build = build;
	model->arg = arg;

	pthread_mutex_lock(&models_lock);
	if (find_builtin(name) || *find(name)) {
		rc = rbi_fail(-EEXIST, "rb_mock_model_register: there is a model '%s'", name);
	} else {
		model->next = models;
		models = model;
		model = NULL;
	}
	pthread_mutex_unlock(&models_lock);
	rbi_free(model);
	return rc;
}

int rb_mock_model_unregister(const char *name)
{
	struct model **link, *model = NULL;

	pthread_mutex_lock(&models_lock);
	link = find(name ? name : "");
	if (*link) {
		model = *link;
		*link = model->next;
	}
	pthread_mutex_unlock(&models_lock);

	if (!model)
		return rbi_fail(-ENOENT,
				"rb_mock_model_unregister: no model '%.64s' was registered",
				name ? name : "(null)");
	rbi_free(model);
	return 0;
}
