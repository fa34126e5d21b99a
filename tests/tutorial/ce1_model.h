/* SPDX-License-Identifier: MIT */
/* ce1_model.h - the CE-1 for machine strings. */
#ifndef CE1_MODEL_H
#define CE1_MODEL_H

struct rb_mock_dev;

int ce1_build(struct rb_mock_dev *dev, void *arg);

#endif
