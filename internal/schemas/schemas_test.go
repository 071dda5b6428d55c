package schemas

import (
	"fmt"
	"strings"
	"testing"

	"recfin/finalize"
)

// recorder is a test that may fail.
type recorder struct{ failed []string }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

// TestCheckCatches: a document that is not what the schema says is found, and so is a
// schema that does not exist.
func TestCheckCatches(t *testing.T) {
	const session = `{"id":"20250601T180000Z","start":"2025-06-01T18:00:00Z","end":"2025-06-01T18:01:00Z","version":"1-0123456789abcdef","highest":1,"segments":"` +
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" + `","formats":"hls"}`
	marker := func(session string) string {
		return `{"format":"recfin/recording","version":1,"recording":"foo","generation":1,"sessions":[` + session + `]}`
	}
	cases := []struct{ name, doc, want string }{
		{"recording", marker(session), ""},
		{"recording", marker(strings.Replace(session, `"highest":1`, `"highest":0`, 1)), "highest"},
		{"recording", marker(strings.Replace(session, `"highest":1,`, ``, 1)), "highest"},
		{"recording", marker(strings.Replace(session, `"highest":1`, `"highest":1,"extra":1`, 1)), "extra"},
		{"recording", marker(strings.Replace(session, `T18:01:00Z`, `18:01`, 1)), "date-time"},
		{"recording", marker(strings.Replace(session, `"hls"`, `"mp3"`, 1)), "formats"},
		{"recording", `{`, "EOF"},
		{"nothing", `{}`, "no such schema"},
	}
	for _, c := range cases {
		var r recorder
		Check(&r, c.name, []byte(c.doc))
		if got := strings.Join(r.failed, "\n"); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.doc, got, c.want)
		}
	}
}

// published are the types behind the schemas.
var published = map[string]any{
	"recording": finalize.Marker{},
	"segments":  finalize.Record{},
	"plan":      finalize.PlanJSON{},
	"report":    finalize.ReportJSON{},
	"verify":    finalize.VerificationJSON{},
	"list":      finalize.StandingJSON{},
	"explain":   finalize.Explanation{},
}
