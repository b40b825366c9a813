// Package arrival says after which time an SMS comes to a number: the families that
// the policy of waiting is measured with.
package arrival

import (
	"math"
	"math/rand/v2"
	"time"
)

// Never is the delay of an SMS that does not come.
const Never = 1000 * time.Hour

// Delay draws the time from the order of a number to its SMS. at is how long the
// workload has been running.
type Delay func(r *rand.Rand, at time.Duration) time.Duration

// Exponential is memoryless, with the mean in seconds.
func Exponential(mean float64) Delay {
	return func(r *rand.Rand, _ time.Duration) time.Duration { return seconds(mean * r.ExpFloat64()) }
}

// Lognormal has the median in seconds, and a long tail.
func Lognormal(median, sigma float64) Delay {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		return seconds(median * math.Exp(sigma*r.NormFloat64()))
	}
}

// Gamma2 is the sum of two exponential times, each with the mean in seconds.
func Gamma2(mean float64) Delay {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		return seconds(mean * (r.ExpFloat64() + r.ExpFloat64()))
	}
}

// Weibull has the scale in seconds.
func Weibull(scale, shape float64) Delay {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		return seconds(scale * math.Pow(r.ExpFloat64(), 1/shape))
	}
}

// Uniform is any time up to so many seconds.
func Uniform(most float64) Delay {
	return func(r *rand.Rand, _ time.Duration) time.Duration { return seconds(most * r.Float64()) }
}

// Pareto has the least time in seconds, and the heaviest of tails.
func Pareto(least, shape float64) Delay {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		return seconds(least * math.Pow(1-r.Float64(), -1/shape))
	}
}

// Share draws a share of all from d and the rest from other; nil is [Never].
func Share(of float64, d, other Delay) Delay {
	return func(r *rand.Rand, at time.Duration) time.Duration {
		switch {
		case r.Float64() < of:
			return d(r, at)
		case other == nil:
			return Never
		}
		return other(r, at)
	}
}

// After adds so many seconds.
func After(s float64, d Delay) Delay {
	return func(r *rand.Rand, at time.Duration) time.Duration { return seconds(s) + d(r, at) }
}

// Shift draws from before, and from after once the workload has run for so long.
func Shift(when time.Duration, before, after Delay) Delay {
	return func(r *rand.Rand, at time.Duration) time.Duration {
		if at < when {
			return before(r, at)
		}
		return after(r, at)
	}
}

func seconds(s float64) time.Duration {
	return time.Duration(min(s, Never.Seconds()) * float64(time.Second))
}

// Workload is a way in which SMS come, and the figures that the policy has to reach
// with it: the mean and the 99th percentile in seconds, zero where none is set.
type Workload struct {
	Name      string
	Delay     Delay
	Mean, P99 float64
}

// Workloads are for orders at the documented limit. The first six have figures to
// reach. The last two were not looked at until the policy was finished.
func Workloads() []Workload {
	return []Workload{
		{"exp(20 s)", Exponential(20), 3.3, 7.4},
		{"lognormal(8 s, 1.2)", Lognormal(8, 1.2), 3.3, 7.4},
		{"70 % of exp(10 s)", Share(0.7, Exponential(10), nil), 3.5, 8},
		{"60 % of gamma(2, 15 s)", Share(0.6, Gamma2(15), nil), 4.2, 13},
		{"30 % of exp(20 s)", Share(0.3, Exponential(20), nil), 4.0, 14.5},
		{"exp(180 s)", Exponential(180), 9.6, 30},
		{"70 % of lognormal(8 s, 1.2)", Share(0.7, Lognormal(8, 1.2), nil), 0, 0},
		{"50 % of weibull(30 s, 0.7)", Share(0.5, Weibull(30, 0.7), nil), 0, 0},
		{"weibull(60 s, 2)", Weibull(60, 2), 0, 0},
		{"50 % exp(8 s), 20 % exp(240 s)", Share(0.5, Exponential(8), Share(0.4, Exponential(240), nil)), 0, 0},
		{"60 % of exp(10 s), from 20 min on of 60 s + exp(30 s)", Share(0.6, Shift(20*time.Minute, Exponential(10), After(60, Exponential(30))), nil), 0, 0},
		{"80 % of uniform(0–90 s)", Share(0.8, Uniform(90), nil), 0, 0},
		{"90 % of pareto(5 s, 1.2)", Share(0.9, Pareto(5, 1.2), nil), 0, 0},
	}
}
