package metric

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"github.com/benchfile/bench/pipeline"
)

const (
	jsonCap = 64 << 20         // bytes of JSON read: it is held in memory several times over
	jqLimit = 10 * time.Second // a filter that has not ended by then never will
)

// fromJQ runs a jq filter over JSON. The output may be one document or several, one after another (JSON lines): the
// filter runs on each, and those for which it gives null or nothing are passed over as long as another gives a number.
// The filter sees no files, no modules and no environment.
func fromJQ(m pipeline.Metric, out Output) (float64, error) {
	query, err := gojq.Parse(m.From.Expr)
	if err != nil {
		return 0, fmt.Errorf("jq filter %s: %w", quote(m.From.Expr), err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return 0, fmt.Errorf("jq filter %s: %w", quote(m.From.Expr), err)
	}
	f, err := open(m, out)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(context.Background(), jqLimit)
	defer cancel()
	run := &filter{m: m, code: code}
	if err := run.documents(ctx, f); err != nil {
		return 0, fmt.Errorf("%s: %w", source(m), err)
	}
	return run.result()
}

// A filter is a jq filter on its way through documents.
type filter struct {
	m       pipeline.Metric
	code    *gojq.Code
	read    int
	got     found
	missing string // what the first document has where the filter gave null
}

// documents runs the filter on each document.
func (f *filter) documents(ctx context.Context, r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: jsonCap + 1}
	dec := json.NewDecoder(bufio.NewReader(limited))
	for {
		var doc any
		err := dec.Decode(&doc)
		if limited.N == 0 {
			return fmt.Errorf("more than 64 MiB of JSON; let the program write the number by itself")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return notJSON(err, f.read)
		}
		f.read++
		if err := f.apply(ctx, doc); err != nil {
			return err
		}
	}
}

// notJSON explains a decoding error.
func notJSON(err error, before int) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends in the middle")
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d, after %d whole documents: %w", syntax.Offset, before, err)
	}
	return err
}

// apply runs the filter on one document and takes what it gives.
func (f *filter) apply(ctx context.Context, doc any) error {
	results := f.code.RunWithContext(ctx, doc)
	for {
		v, ok := results.Next()
		if !ok {
			return nil
		}
		if err, failed := v.(error); failed {
			return f.failed(ctx, err)
		}
		if v == nil {
			if f.missing == "" {
				f.missing = keysOf(doc)
			}
			continue
		}
		value, err := f.value(v)
		if err != nil {
			return fmt.Errorf("jq filter %s: %w", quote(f.m.From.Expr), err)
		}
		if f.got.seen && f.got.value != value {
			return fmt.Errorf("jq filter %s gives different values: %v in document %d and %v in document %d; make it give one",
				quote(f.m.From.Expr), f.got.text, f.got.line, show(v), f.read)
		}
		_ = f.got.add(value, f.read, show(v)) // cannot differ any more
	}
}

// failed explains an error of the filter itself.
func (f *filter) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("jq filter %s has not ended within %v", quote(f.m.From.Expr), jqLimit)
	}
	var halt *gojq.HaltError
	if errors.As(err, &halt) && halt.Value() == nil {
		return fmt.Errorf("jq filter %s halts without a value", quote(f.m.From.Expr))
	}
	return fmt.Errorf("jq filter %s: %s", quote(f.m.From.Expr), clip(err.Error()))
}

// value is the number that a filter gave, in the base unit.
func (f *filter) value(v any) (float64, error) {
	var n float64
	switch v := v.(type) {
	case int:
		n = float64(v)
	case float64:
		n = v
	case *big.Int:
		n, _ = new(big.Float).SetInt(v).Float64()
	case string:
		return 0, fmt.Errorf("it gives the string %s, not a number; add \"| tonumber\" if it is one", quote(v))
	default:
		return 0, fmt.Errorf("it gives %s, not a number", clip(show(v)))
	}
	n, ok := convert(n, "", f.m.Unit)
	if !ok {
		return 0, errNotFinite
	}
	return finite(n)
}

// result is the one number, or why there is none.
func (f *filter) result() (float64, error) {
	switch {
	case f.got.seen:
		return f.got.value, nil
	case f.read == 0:
		return 0, fmt.Errorf("%s holds no JSON: it is empty", source(f.m))
	case f.missing != "":
		return 0, fmt.Errorf("jq filter %s gives null; %s has %s", quote(f.m.From.Expr), source(f.m), f.missing)
	}
	return 0, fmt.Errorf("jq filter %s gives nothing (%d documents read)", quote(f.m.From.Expr), f.read)
}

// keysOf names what a document has, so that a typo can be seen.
func keysOf(doc any) string {
	switch doc := doc.(type) {
	case map[string]any:
		const most = 20
		keys := make([]string, 0, len(doc))
		for k := range doc {
			keys = append(keys, clip(k))
		}
		slices.Sort(keys)
		if len(keys) == 0 {
			return "no keys"
		}
		more := ""
		if len(keys) > most {
			more = fmt.Sprintf(" and %d more", len(keys)-most)
			keys = keys[:most]
		}
		return "the keys " + strings.Join(keys, ", ") + more
	case []any:
		return fmt.Sprintf("a list of %d", len(doc))
	}
	return "only " + clip(show(doc))
}

// show is a value as JSON.
func show(v any) string {
	text, err := gojq.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// clip shortens text for a message without quoting it, unless it holds what a terminal would act on.
func clip(text string) string {
	if quoted := quote(text); quoted != `"`+text+`"` && strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return quoted
	}
	const most = 120
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
