package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// allowed are the variables that every command is given when the user has them; a name that ends in * is a beginning.
// They are where programs are found, and what compilers and runtimes heed. Anything else of the user's shell would
// make results differ from one terminal to the next.
var allowed = [...]string{
	"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LD_LIBRARY_PATH",
	"CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "PKG_CONFIG_PATH", "JAVA_HOME",
	"GO*", "CGO_*", "CARGO*", "RUST*", "CUDA*", "NVIDIA*", "OMP_*", "PYTHON*", "VIRTUAL_ENV", "NODE_*",
	"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
}

// fixed are the variables that are the same for everybody, unless the Benchfile passes or sets them: messages, number
// formats and sort order must not depend on whose machine it is.
var fixed = map[string]string{"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

// secret are parts of names of variables whose values nobody else may see.
var secret = [...]string{
	"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "WEBHOOK", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL",
}

// whoAndWhere are the variables that say who and where somebody is: they are given to commands, but do not belong into
// keys, or nobody could use another's results.
var whoAndWhere = [...]string{
	"HOME", "USER", "LOGNAME", "TMPDIR", "PWD", "OLDPWD",
	"http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy",
}

// CleanEnv is the environment that every command is given: of environ ("NAME=value", the last of a name counts) what is
// on the list above, what the Benchfile passes by name, and what it sets, in this order of precedence from low to high;
// sorted by name. Variables that look like secrets come along only when they are passed by their name. BENCH_… are
// bench's own (BENCH_VAR_… choose what the Benchfile says) and are never inherited; the Benchfile may set one.
//
// PATH is given without what can't matter (tidyPath), so that the key says what the commands get.
//
// Warnings are about what was passed and cannot be.
func CleanEnv(pass []string, set map[string]string, environ []string) (env []string, warnings []pipeline.Warning) {
	have := variables(environ)
	given := maps.Clone(fixed)
	for name, value := range have {
		if isAllowed(name) && !isSecret(name) {
			given[name] = value
		}
	}
	for _, name := range pass {
		value, ok := have[name]
		switch {
		case strings.HasPrefix(name, "BENCH_"):
			warnings = append(warnings, pipeline.Warning{
				Text: fmt.Sprintf("the variable %s is not passed to commands: BENCH_… are bench's own", name),
				Help: "set it in the environment block, or call it by another name"})
		case !ok:
			warnings = append(warnings, pipeline.Warning{
				Text: fmt.Sprintf("the variable %s is to be passed to commands, but it is not set", name),
				Help: fmt.Sprintf("export %s, or remove it from pass", name)})
		default:
			given[name] = value
		}
	}
	if path, ok := given["PATH"]; ok {
		given["PATH"] = tidyPath(path)
	}
	maps.Copy(given, set)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		env = append(env, name+"="+given[name])
	}
	return env, warnings
}

// variables are the variables of an environment. Names that no shell could have set are dropped: bash's exported
// functions ("BASH_FUNC_x%%"), and Windows' "=C:".
func variables(environ []string) map[string]string {
	have := make(map[string]string, len(environ))
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok && isName(name) {
			have[name] = value
		}
	}
	return have
}

// isName says whether a text is a variable's name as POSIX has it.
func isName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// isAllowed says whether every command is given a variable.
func isAllowed(name string) bool {
	if strings.HasPrefix(name, "GOOGLE") { // begins like Go's, but names accounts
		return false
	}
	return slices.ContainsFunc(allowed[:], func(a string) bool {
		prefix, family := strings.CutSuffix(a, "*")
		return name == a || family && strings.HasPrefix(name, prefix)
	})
}

// isSecret says whether a variable looks like one whose value is a secret.
func isSecret(name string) bool {
	upper := strings.ToUpper(name)
	return slices.ContainsFunc(secret[:], func(s string) bool { return strings.Contains(upper, s) })
}

// longValue is the length from which a value is shortened to its digest in a key's manifest, to keep that readable.
const longValue = 64

// EnvIdentity is the part of an environment that belongs into keys: all but who and where somebody is. Names are as in
// the environment, in their order. Long values, and those of variables that look like secrets, are given as the
// beginning of their SHA-256: two values are as good as never mistaken for each other, and no secret is written down.
func EnvIdentity(env []string) []pipeline.Field {
	var fields []pipeline.Field
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		if slices.ContainsFunc(whoAndWhere[:], func(w string) bool { return name == w || name == strings.ToUpper(w) }) {
			continue
		}
		if len(value) > longValue || isSecret(name) || strings.HasPrefix(value, "sha256:") {
			sum := sha256.Sum256([]byte(value))
			value = "sha256:" + hex.EncodeToString(sum[:16])
		}
		fields = append(fields, pipeline.Field{Name: name, Value: value})
	}
	return fields
}
