package host

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/benchfile/bench/pipeline"
)

func TestCleanEnv(t *testing.T) {
	utf8 := []string{"LANG=C.UTF-8", "LC_ALL=C.UTF-8"}
	tests := []struct {
		name     string
		pass     []string
		set      map[string]string
		environ  []string
		want     []string // besides the two that are fixed
		warnings string
	}{
		{"nothing", nil, nil, nil, nil, ""},
		{"what is on the list comes along, sorted", nil, nil, []string{"PATH=/bin", "EDITOR=vi", "GOFLAGS=-x", "HOME=/h", "RUSTFLAGS=", "OMP_NUM_THREADS=4"},
			[]string{"GOFLAGS=-x", "HOME=/h", "OMP_NUM_THREADS=4", "PATH=/bin", "RUSTFLAGS="}, ""},
		{"what is not does not", nil, nil, []string{"SHELL=/bin/zsh", "LD_PRELOAD=x", "GOOGLE_CLOUD_PROJECT=p", "COLUMNS=80"}, nil, ""},
		{"secrets do not", nil, nil, []string{"CARGO_REGISTRY_TOKEN=t", "NODE_AUTH_TOKEN=t", "PYTHON_api_key=t", "GO_PASSWORD=p"}, nil, ""},
		{"unless they are passed by name", []string{"CARGO_REGISTRY_TOKEN"}, nil, []string{"CARGO_REGISTRY_TOKEN=t"}, []string{"CARGO_REGISTRY_TOKEN=t"}, ""},
		{"what is set wins", []string{"MODE"}, map[string]string{"MODE": "set"}, []string{"MODE=user"}, []string{"MODE=set"}, ""},
		{"the last of a name counts", []string{"A"}, nil, []string{"A=1", "A=2=3"}, []string{"A=2=3"}, ""},
		{"bench's own are never inherited", []string{"BENCH_VAR_runs"}, nil, []string{"BENCH_VAR_runs=1", "BENCH_SLACK_WEBHOOK=x"}, nil, "BENCH_VAR_runs is not passed"},
		{"but may be set", nil, map[string]string{"BENCH_SIZE": "3"}, nil, []string{"BENCH_SIZE=3"}, ""},
		{"passed but not there", []string{"NOPE"}, nil, nil, nil, "NOPE is to be passed to commands, but it is not set"},
		{"no names", []string{"BASH_FUNC_x%%"}, nil, []string{"BASH_FUNC_x%%=() {}", "=C:=x", "GO BAD=1", "nothing"}, nil, "BASH_FUNC_x%%"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, warnings := CleanEnv(tt.pass, tt.set, tt.environ)
			var rest []string
			for _, kv := range got {
				if kv != utf8[0] && kv != utf8[1] {
					rest = append(rest, kv)
				}
			}
			if diff := cmp.Diff(tt.want, rest); diff != "" || len(got) != len(rest)+2 {
				t.Errorf("%q (-want +got):\n%s", got, diff)
			}
			text := ""
			for _, w := range warnings {
				text += w.Text + "\n"
			}
			if (tt.warnings == "") != (text == "") || !strings.Contains(text, tt.warnings) {
				t.Errorf("warnings %q, want %q", text, tt.warnings)
			}
		})
	}
}

func TestCleanEnvLanguage(t *testing.T) {
	environ := []string{"LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8"}
	if got, _ := CleanEnv([]string{"LANG"}, map[string]string{"LC_ALL": "C"}, environ); !cmp.Equal(got, []string{"LANG=de_DE.UTF-8", "LC_ALL=C"}) {
		t.Errorf("passed and set: %q", got)
	}
	if got, _ := CleanEnv(nil, nil, environ); !cmp.Equal(got, []string{"LANG=C.UTF-8", "LC_ALL=C.UTF-8"}) {
		t.Errorf("fixed: %q", got)
	}
}

func TestEnvIdentity(t *testing.T) {
	long := strings.Repeat("/x", 40)
	env := []string{"CC=gcc", "HOME=/h", "HTTPS_PROXY=http://u:p@h", "LOGNAME=u", "MY_TOKEN=hunter2", "PATH=" + long, "PWD=/w", "S=sha256:1", "TMPDIR=/t", "USER=u", "https_proxy=h"}
	got := EnvIdentity(env)
	want := []pipeline.Field{{Name: "CC", Value: "gcc"}, {Name: "MY_TOKEN"}, {Name: "PATH"}, {Name: "S"}}
	for i := range got {
		if want[i].Value == "" { // its digest
			if len(got[i].Value) != len("sha256:")+32 || !strings.HasPrefix(got[i].Value, "sha256:") {
				t.Errorf("%s has the value %q, want a digest", got[i].Name, got[i].Value)
			}
			got[i].Value = ""
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEnvIdentityTellsValuesApart holds that another value is another identity, however long it is.
func TestEnvIdentityTellsValuesApart(t *testing.T) {
	seen := map[string]string{}
	for _, v := range []string{"", "a", "sha256:a", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 64) + "b"} {
		id := EnvIdentity([]string{"X=" + v})[0].Value
		if other, twice := seen[id]; twice {
			t.Errorf("%q and %q have the same identity %q", v, other, id)
		}
		seen[id] = v
	}
}
