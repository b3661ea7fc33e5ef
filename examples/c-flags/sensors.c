/* sensors: the mean, spread and correlation of two series of measurements, some of which are missing (NaN). Prints the
 * numbers in full, so that a change of a single bit is seen. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* xorshift64*, so that the same seed gives the same series everywhere. */
static uint64_t state;

static double uniform(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (double)(state * UINT64_C(2685821657736338717) >> 11) / 9007199254740992.0;
}

/* make fills two series of n values that go together; one value in missing is not there. */
static void make(double *x, double *y, size_t n, unsigned missing)
{
	for (size_t i = 0; i < n; i++) {
		x[i] = 20.0 + 5.0 * uniform();
		y[i] = 0.5 * x[i] + uniform();
		if (uniform() * missing < 1.0)
			y[i] = NAN;
	}
}

/* smooth replaces each value by the mean of those around it that are there. */
static void smooth(double *to, const double *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double sum = 0.0;
		int there = 0;
		for (size_t j = i < 4 ? 0 : i - 4; j < n && j <= i + 4; j++) {
			if (!isnan(from[j])) {
				sum += from[j];
				there++;
			}
		}
		to[i] = there ? sum / there : NAN;
	}
}

/* report prints the sums over the places where both series are there. */
static void report(const double *x, const double *y, size_t n)
{
	double sx = 0.0, sy = 0.0, sxx = 0.0, syy = 0.0, sxy = 0.0;
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		if (isnan(x[i]) || isnan(y[i]))
			continue;
		m++;
		sx += x[i];
		sy += y[i];
		sxx += x[i] * x[i];
		syy += y[i] * y[i];
		sxy += x[i] * y[i];
	}
	double k = (double)m;
	double cov = sxy / k - sx / k * (sy / k);
	double vx = sxx / k - sx / k * (sx / k), vy = syy / k - sy / k * (sy / k);
	printf("pairs=%zu mean_x=%.17g mean_y=%.17g correlation=%.17g\n", m, sx / k, sy / k, cov / sqrt(vx * vy));
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: sensors VALUES MISSING SEED\n");
		return 2;
	}
	size_t n = strtoul(argv[1], NULL, 10);
	unsigned missing = (unsigned)strtoul(argv[2], NULL, 10);
	state = strtoull(argv[3], NULL, 10) + 1;
	double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), *z = malloc(n * sizeof *z);
	if (n == 0 || missing == 0 || !x || !y || !z) {
		fprintf(stderr, "sensors: no memory for %zu values, or nothing to do\n", n);
		return 1;
	}
	make(x, y, n, missing);
	report(x, y, n);
	for (int pass = 0; pass < 4; pass++) {
		smooth(z, y, n);
		report(x, z, n);
		double *was = y;
		y = z;
		z = was;
	}
	free(x);
	free(y);
	free(z);
	return 0;
}
