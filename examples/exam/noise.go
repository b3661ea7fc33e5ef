package main

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// moment is what a disturbance may depend on: when a run is made, and what it is made with. It never depends on how
// long the program takes, so that the noise belongs to the machine and not to an arm.
type moment struct {
	run         int    // number of the run in its session, from 0; both arms, warm-ups and checks count
	arm         string // only memory layout knows the arms apart
	environment int    // bytes of the environment
}

// disturbance gives the logarithm of the factor by which a run takes longer. It is asked for every run of a session, in
// order.
type disturbance func(moment) float64

// model makes the disturbance of one session: rng is the session's own, cv about the share by which a run strays.
type model func(rng *rand.Rand, cv float64) disturbance

// models are the machines on which a verdict has to be right. Each of them is something that people have seen.
func models() map[string]model {
	return map[string]model{
		"none":       func(*rand.Rand, float64) disturbance { return func(moment) float64 { return 0 } },
		"normal":     normal,
		"lognormal":  lognormal,
		"drift":      drift,
		"walk":       walk,
		"correlated": correlated,
		"two-speeds": twoSpeeds,
		"stolen":     stolen,
		"step":       step,
		"layout":     layout,
		"order":      order,
		"mixed":      mixed,
	}
}

// modelNames are all models that disturb, sorted.
func modelNames() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(models())), func(name string) bool { return name == "none" })
}

// session makes the disturbance of a session by the name of its model.
func session(name string, seed uint64, cv float64) (disturbance, error) {
	m, ok := models()[name]
	if !ok {
		return nil, fmt.Errorf("no noise is called %q: there are none, %s", name, strings.Join(modelNames(), ", "))
	}
	if !(cv >= 0 && cv <= 1) {
		return nil, fmt.Errorf("the noise is %v: it is a fraction from 0 to 1", cv)
	}
	return m(rand.New(rand.NewPCG(seed, 0x6e6f697365)), cv), nil // "noise"
}

// How strong the disturbances are that do not grow with the noise alone.
const (
	usualSession = 104  // runs of two arms, four inputs and thirteen runs each
	drifts       = .05  // by this much during a usual session
	laidOut      = .02  // standard deviation between environments
	comesFirst   = .02  // how much longer the first run of a pair takes
	leastStep    = .05  // how much the machine's speed changes, at least
	correlation  = .8   // of a run with the one before
	otherSpeed   = .125 // chance that the machine changes its speed after a run
	theft        = .1   // chance that somebody takes time from a run
)

// normal is independent noise, the same forever.
func normal(rng *rand.Rand, cv float64) disturbance {
	return func(moment) float64 { return math.Log(max(.2, 1+cv*rng.NormFloat64())) }
}

// lognormal has a long tail to the slow side, as times have.
func lognormal(rng *rand.Rand, cv float64) disturbance {
	const shape = .5
	spread := math.Sqrt((math.Exp(shape*shape) - 1) * math.Exp(shape*shape))
	return func(moment) float64 {
		return math.Log1p(cv * (math.Exp(shape*rng.NormFloat64()) - math.Exp(shape*shape/2)) / spread)
	}
}

// drift is a machine that warms up or cools down all the time.
func drift(rng *rand.Rand, cv float64) disturbance {
	slope := either(rng) * drifts / usualSession
	return func(m moment) float64 { return cv*rng.NormFloat64() + slope*float64(m.run) }
}

// walk is a machine whose speed wanders.
func walk(rng *rand.Rand, cv float64) disturbance {
	var at float64
	return func(moment) float64 {
		at += .15 * cv * rng.NormFloat64()
		return .9*cv*rng.NormFloat64() + at
	}
}

// correlated is a machine whose bad moments last for a few runs.
func correlated(rng *rand.Rand, cv float64) disturbance {
	lasting := lasting(rng)
	return func(moment) float64 { return cv * lasting() }
}

// lasting is noise of variance one that remembers the run before.
func lasting(rng *rand.Rand) func() float64 {
	at := rng.NormFloat64()
	return func() float64 {
		at = correlation*at + math.Sqrt(1-correlation*correlation)*rng.NormFloat64()
		return at
	}
}

// twoSpeeds is a processor that changes its frequency, every eight runs or so.
func twoSpeeds(rng *rand.Rand, cv float64) disturbance {
	slow := rng.IntN(2)
	return func(moment) float64 {
		if rng.Float64() < otherSpeed {
			slow = 1 - slow
		}
		return 1.886*cv*float64(slow) + cv*rng.NormFloat64()/3 // the variance of both together is cv²
	}
}

// stolen is a guest whose host takes a tenth of the runs some time.
func stolen(rng *rand.Rand, cv float64) disturbance {
	return func(moment) float64 {
		x := cv * rng.NormFloat64() / 2.8
		if rng.Float64() < theft {
			x += rng.ExpFloat64() * 3 * cv / 1.4
		}
		return x
	}
}

// step is a machine that is another one from some run on.
func step(rng *rand.Rand, cv float64) disturbance {
	from, height := 60+rng.IntN(101), either(rng)*max(leastStep, 2*cv)
	return func(m moment) float64 {
		x := cv * rng.NormFloat64()
		if m.run >= from {
			x += height
		}
		return x
	}
}

// layout is a program whose speed depends on where its stack lies, and so on the size of its environment.
func layout(rng *rand.Rand, cv float64) disturbance {
	machine := rng.Uint64()
	return func(m moment) float64 {
		place := fnv.New64a()
		fmt.Fprint(place, m.arm, m.environment)
		at := rand.New(rand.NewPCG(machine, place.Sum64()))
		return cv*rng.NormFloat64() + laidOut*at.NormFloat64()
	}
}

// order is a machine on which the first of two runs takes longer: always measuring one arm first makes it slower.
func order(rng *rand.Rand, cv float64) disturbance {
	return func(m moment) float64 {
		x := cv * rng.NormFloat64()
		if m.run%2 == 0 {
			x += comesFirst
		}
		return x
	}
}

// mixed is an ordinary shared machine: lasting noise, drift, and now and then a stolen run.
func mixed(rng *rand.Rand, cv float64) disturbance {
	lasting, slope := lasting(rng), .6*either(rng)*drifts/usualSession
	return func(m moment) float64 {
		x := .6*cv*lasting() + .5*cv*rng.NormFloat64() + slope*float64(m.run)
		if rng.Float64() < theft/2 {
			x += rng.ExpFloat64() * 4 * cv
		}
		return x
	}
}

// either is a direction.
func either(rng *rand.Rand) float64 {
	if rng.IntN(2) == 0 {
		return -1
	}
	return 1
}
