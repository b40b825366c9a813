// Loaded into a program, this lets its wall clock be set: it adds the microseconds that stand in the file CLOCK_OFFSET.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict tv, void *restrict tz) {
	long failed = syscall(SYS_gettimeofday, tv, tz);
	if (failed || !tv) return failed;
	const char *path = getenv("CLOCK_OFFSET");
	int file = path ? open(path, O_RDONLY) : -1;
	if (file < 0) return 0;
	char text[32] = {0};
	if (read(file, text, sizeof text - 1) > 0) {
		long long now = tv->tv_sec * 1000000LL + tv->tv_usec + atoll(text);
		tv->tv_sec = now / 1000000;
		tv->tv_usec = now % 1000000;
	}
	close(file);
	return 0;
}
