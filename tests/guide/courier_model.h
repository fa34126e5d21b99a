/* SPDX-License-Identifier: MIT */
/* courier_model.h - the courier for tests. */
#ifndef TESTS_COURIER_MODEL_H
#define TESTS_COURIER_MODEL_H

#include <rbdrv/mock.h>

#include "courier.h"

/* For rb_mock_model_register(). */
int courier_build(struct rb_mock_dev *dev, void *arg);

#endif
