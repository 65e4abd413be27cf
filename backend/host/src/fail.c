/* SPDX-License-Identifier: Apache-2.0 */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>

int fail_set(struct fail *fail, const char *code, const char *format, ...)
{
	va_list arguments;

	snprintf(fail->code, sizeof(fail->code), "%s", code);
	va_start(arguments, format);
	vsnprintf(fail->message, sizeof(fail->message), format, arguments);
	va_end(arguments);
	return -1;
}
