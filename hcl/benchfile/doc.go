// Package benchfile turns the text of a Benchfile into a pipeline.Study, or says at which line what is wrong with it
// and how to mend it. It knows the language and nothing else: no files but those it is handed, no processes, no
// clock, no terminal. What it wants to know of the world (is there such a file, what is that variable) it asks through
// Options, and the same answers give the same Study.
//
// The language is described in hcl/LANGUAGE.md, which the tests of this package read and decode.
//
// The way of a Benchfile: guard (size and depth, on tokens, since the parser would overflow the stack) → parse → shape
// (blocks and attributes against the schema) → variables and locals → for_each → names (every reference, before
// anything is evaluated) → values → rules. Whatever is wrong is collected on the way; nothing stops at the first
// mistake but a syntax error, behind which the rest would be guesswork.
package benchfile

import "github.com/benchfile/bench/pipeline"

// Source is a file's text with the name under which messages show it.
type Source struct {
	Name  string
	Bytes []byte
}

// Assignment is a variable set from outside: "k=v" as the user gave it.
type Assignment struct {
	Name, Value string
	Origin      string // "-var"
}

// FileKind is what is at a path.
type FileKind int

// What can be at a path.
const (
	NoFile FileKind = iota
	File
	Folder
)

// Options are what Decode may ask of the world. The zero value is a world without variables, environment and files in
// which every path exists.
type Options struct {
	Vars      []Assignment                     // -var, in order: the last one wins
	VarFiles  []Source                         // --var-file, in order
	Env       func(name string) (string, bool) // env("NAME") and BENCH_VAR_name; nil: nothing is set
	Exists    func(path string) FileKind       // what is at a path, relative to the Benchfile's folder; nil: not asked
	Executors []string                         // names that measure.executor may have; nil: any
}

// Decode reads a Benchfile. The Study is nil exactly when the diagnostics hold an error; warnings come with a Study
// and are also in Study.Warnings.
func Decode(src Source, opt Options) (*pipeline.Study, Diagnostics) {
	d := newDecoder(src, opt)
	d.run()
	out := d.finish()
	if out.HasErrors() {
		return nil, out
	}
	return d.study, out
}
