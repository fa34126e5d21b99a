/* SPDX-License-Identifier: MIT */
/*
 * mock_dev.c - what a build function says of its device besides BARs and capabilities:
 * ids, pin, arguments, state.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/mock/mock_machine.h"

int rbi_mock_refuse(struct rb_mock_dev *dev, int rc)
{
	if (dev->building && dev->rc == 0)
		dev->rc = rc;
	return rc;
}

int rbi_mock_wrong(struct rb_mock_dev *dev, const char *fmt, ...)
{
	char text[MOCK_SENTENCE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return rbi_mock_refuse(dev, rbi_fail(-EINVAL, "mock: %s: %s", dev->label, text));
}

int rbi_mock_building(struct rb_mock_dev *dev, const char *call)
{
	if (!dev)
		return rbi_fail(-EINVAL, "%s: device is NULL", call);
	if (!dev->building)
		return rbi_fail(-EINVAL,
				"%s: %s has been built; only its build function describes it", call,
				dev->label);
	return 0;
}

/* Bytes of newer callers that this library does not know must be zero. */
static bool tail_is_zero(const void *p, size_t known, size_t size)
{
	const uint8_t *bytes = p;
	size_t i;

	for (i = known; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

int rb_mock_ids(struct rb_mock_dev *dev, const struct rb_mock_ids *given)
{
	struct rb_mock_ids ids;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_ids");
	if (rc < 0)
		return rc;
	if (!given || given->size < sizeof(given->size) || given->size > 4096 ||
	    !tail_is_zero(given, sizeof(ids), given->size))
		return rbi_mock_wrong(dev, "no ids, or of unknown size");

	memset(&ids, 0, sizeof(ids));
	memcpy(&ids, given, given->size < sizeof(ids) ? given->size : sizeof(ids));
	if (ids.vendor == 0 || ids.vendor == 0xffff || ids.class_code > 0xffffff)
		return rbi_mock_wrong(dev, "vendor %#06x, class %#x cannot be", ids.vendor,
				      ids.class_code);

	dev->has_ids = true;
	rbi_mock_cfg_put(dev, 0x00, 2, ids.vendor);
	rbi_mock_cfg_put(dev, 0x02, 2, ids.device);
	rbi_mock_cfg_put(dev, 0x08, 4, ids.class_code << 8 | ids.revision);
	if (rbi_mock_is_bridge(dev))
		return 0; /* they have no place in its header */
	rbi_mock_cfg_put(dev, 0x2c, 2, ids.subvendor);
	rbi_mock_cfg_put(dev, 0x2e, 2, ids.subdevice);
	return 0;
}

int rb_mock_intx_pin(struct rb_mock_dev *dev, unsigned int pin)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_intx_pin");
	if (rc < 0)
		return rc;
	if (pin < 1 || pin > 4)
		return rbi_mock_wrong(dev, "pin %u is none of 1-4", pin);

	dev->line = rbi_mock_line_of(dev->fn, pin);
	dev->cfg[MOCK_CFG_PIN] = (uint8_t)pin;
	dev->cfg[MOCK_CFG_LINE] = dev->line;
	return 0;
}

const char *rb_mock_dev_arg(struct rb_mock_dev *dev, const char *key)
{
	const char *value = NULL;
	size_t i;

	if (!key || rbi_mock_building(dev, "rb_mock_dev_arg") < 0 || !dev->spec)
		return NULL;
	for (i = 0; i < dev->spec->nargs && i < RBI_SPEC_ARGS; i++) {
		if (strcmp(dev->spec->args[i].key, key) == 0) {
			dev->asked[i] = true;
			value = dev->spec->args[i].value;
		}
	}
	return value;
}

int rb_mock_dev_arg_number(struct rb_mock_dev *dev, const char *key, uint64_t min, uint64_t max,
			   uint64_t *val)
{
	const char *text;
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_dev_arg_number");
	if (rc < 0)
		return rc;
	if (!key || !val)
		return rbi_mock_refuse(
			dev, rbi_fail(-EINVAL, "rb_mock_dev_arg_number: %s: NULL", dev->label));
	text = rb_mock_dev_arg(dev, key);
	if (!text)
		return 0;
	return rbi_mock_refuse(dev, rbi_parse_number(key, text, min, max, val));
}

void *rb_mock_state(struct rb_mock_dev *dev, size_t size)
{
	void *state;

	if (!dev || size == 0)
		return NULL;
	rbi_mock_lock(dev->mock);
	if (!dev->state && dev->building) {
		dev->state = rbi_alloc(1, size);
		dev->state_size = size;
		if (!dev->state)
			rbi_mock_refuse(dev, rbi_no_memory("the state of a mock device"));
	}
	state = size <= dev->state_size ? dev->state : NULL;
	rbi_mock_unlock(dev->mock);
	return state;
}

int rb_mock_on_remove(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_on_remove");
	if (rc < 0)
		return rc;
	dev->on_remove = fn;
	dev->on_remove_arg = arg;
	return 0;
}
