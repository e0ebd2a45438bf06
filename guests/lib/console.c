/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines on the console, each sent by one SerialWriteBuffer. */
#include "test.h"
#include "v1.h"

#include <stdarg.h>

static struct {
	char text[512];
	size_t len;
} line;

static void console_write_v1(const void *bytes, size_t len)
{
	struct uhyve_v1_serial_write_params block = {uhyve_gpa_of(bytes), len};
	v1_call_block(UHYVE_V1_SERIAL_WRITE_BUFFER, &block);
}

void console_write(const void *bytes, size_t len)
{
	if (guest_interface == 1) {
		console_write_v1(bytes, len);
		return;
	}
	struct uhyve_serial_write_params block = {len, uhyve_gpa_of(bytes)};
	uhyve_call_block(UHYVE_SERIAL_WRITE_BUFFER, &block);
}

static void put(const char *text, size_t len)
{
	if (len > sizeof(line.text) - line.len)
		len = sizeof(line.text) - line.len;
	memcpy(line.text + line.len, text, len);
	line.len += len;
}

static void put_number(uint64_t value, unsigned base, const char *sign)
{
	char digits[20];
	size_t n = sizeof(digits);
	do
		digits[--n] = "0123456789abcdef"[value % base];
	while (value /= base);
	put(sign, strlen(sign));
	put(digits + n, sizeof(digits) - n);
}

static void put_argument(char kind, va_list *arguments)
{
	if (kind == 's') {
		const char *text = va_arg(*arguments, const char *);
		put(text, strlen(text));
	} else if (kind == 'd') {
		int64_t value = va_arg(*arguments, int64_t);
		put_number(value < 0 ? -(uint64_t)value : (uint64_t)value, 10,
			   value < 0 ? "-" : "");
	} else {
		uint64_t value = va_arg(*arguments, uint64_t);
		put_number(value, kind == 'x' ? 16 : 10,
			   kind == 'x' ? "0x" : "");
	}
}

void say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	line.len = 0;
	while (*format) {
		size_t plain = 0;
		while (format[plain] && format[plain] != '%')
			plain++;
		put(format, plain);
		format += plain;
		if (*format) {
			put_argument(format[1], &arguments);
			format += 2;
		}
	}
	va_end(arguments);
	if (line.len == sizeof(line.text))
		line.len--;
	line.text[line.len++] = '\n';
	console_write(line.text, line.len);
}
