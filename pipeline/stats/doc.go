// Package stats is numbers in, numbers out: it knows how to compare two interleaved arms and how sure one may be of the
// result. It knows nothing of runs, inputs, metrics or verdict texts, and it imports nothing of bench.
//
// # The way of one judgement
//
// Every input gives pairs of adjacent runs, one of each arm. LogRatios turns the pairs into d = ln(candidate/baseline);
// Trimmed estimates the effect on one input with its standard error; Combine weighs the inputs into one Interval at the
// Confidence that the plan of looks asks for; Guard says which inputs got worse; Verdict reads the decision off. The
// effect theta is a log-ratio: below zero is faster, Change makes a fraction of it (-0.08 is 8 % less).
//
// The closed form (20 % trimmed mean, Tukey-McLaughlin standard error, Welch-Satterthwaite degrees of freedom) was
// chosen over bootstraps because it is deterministic, keeps its coverage at ten pairs (the BCa bootstrap drops to
// 84 %), and is half as wide as the mean's interval as soon as a tenth of the runs is disturbed. Outliers are never
// deleted by their outcome: doing so halves the visible noise and doubles the false alarms.
//
// # What cannot be computed
//
// Nothing panics. Check and LogRatios say what is wrong with measured data; a function that is given too little, or a
// NaN, answers with an undefined value: an Estimate or Interval whose centre is NaN, whose ends are infinite and whose
// p is 1. An undefined value never decides anything: Verdict calls it inconclusive, Guard calls it unclear.
package stats
