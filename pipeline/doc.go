// Package pipeline holds the nouns that every other part of bench speaks in. It imports nothing of bench and does
// nothing: values only, and the one interface (Executor) behind which the world lies.
//
// # The data's way, once around
//
// A Benchfile is text. hcl/benchfile turns it into a Study: what the user declared, with every expression evaluated.
// The engine surveys the world and gets Facts: what machine this is, which tree each variant of the code is, what the
// inputs contain, which results are already recorded. plan.Make(Study, Facts) is pure: it says which Steps there are,
// which of them have a recorded Outcome under their Key, what the judge makes of those, and which Step is next. The
// engine waits for the gate, hands the Step's Job to an Executor, checks that the Key is still what it was, records
// the Outcome, and begins again from the survey. report.Build joins all of it into what people read; render turns that
// into files.
//
// # What is true everywhere
//
//   - Times are time.Duration or seconds in a metric; ratios and changes are fractions (0.05), never percent; sizes are
//     bytes. Percent exists only on a screen.
//   - A Manifest is readable text, one "name value" a line; its SHA-256 is the Key. Identity (machine, code, command,
//     environment, input content) is in it; state (load, temperature, date), names and thresholds are not.
//   - Nothing derived is stored. Verdicts are computed from recorded Outcomes each time they are asked for.
//   - A benchmark that fails is data (an Outcome); an error means that bench itself could not do its work.
package pipeline
