// Package judge turns recorded runs into a verdict. It is pure: the same evidence gives the same verdict, whoever asks and
// however often, so that changing a threshold decides anew without a single run. It knows nothing of how runs were made,
// where they are kept or what comes next, and it computes no statistics of its own: those are pipeline/stats's.
//
// Experiment reads the evidence once and then walks the decision table of the workflow (4.5, 4.6, C.3), which is the
// slice that rules returns: small functions in order, of which the first to decide wins. Each says what it needed and
// what it got, whether it decided or not, so that a reader can follow the verdict line by line.
//
// Correctness comes before numbers, crashes before limits, and a gain is believed only when every input and every
// limited metric is shown to be unharmed. What no statistic can say is said in words as a warning; nothing is left out.
package judge
