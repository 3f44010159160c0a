package bench

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"
)

// text returns a report as a file holds it.
func text(t testing.TB, r Report) string {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A file that is no report, or a damaged one, gives an error that says so.
func TestParse(t *testing.T) {
	good := text(t, made("one", "v1", kernel("k1", 0.9, 1, 1.1)))
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{good, "", "the file is empty"},
		{good, "variant,steps/s\nbase,12\n", "not a file of"},
		{good, "{}", "not a file of"},
		{good, "null", "not a file of"},
		{good, `{"version": "v1", "adapters": []}`, "not a file of"}, // a file of "wgpucnn verify"
		{good, good[:len(good)-9], "not a file of"},
		{`"wgpucnn_bench":2`, `"wgpucnn_bench":3`, "schema 3: this program reads 1 to 2"},
		{`"wgpucnn_bench":2`, `"wgpucnn_bench":0`, "schema 0: this program reads 1 to 2"},
		{`"wgpucnn_bench":2`, `"wgpucnn_bench":"one"`, "not a file of"},
		{`"median":1,`, `"median":"1",`, "damaged"},
		{`"median":1,`, `"median":NaN,`, "not a file of"},
		{`"median":1,`, `"median":null,`, "a sample of 0 seconds"},
		{`"median":1,`, `"median":-1,`, "a sample of -1 seconds"},
		{`"median":1,`, `"median":1e300,`, "a sample of 1e+300 seconds"},
		{`"median":1,`, `"median":1e999,`, "damaged"},
		{`"median":1,`, `"median":5,`, "lies outside"},
		{`"low":0.9,`, `"low":1.05,`, "lies outside"},
		{`"p75":1.1,`, `"p75":0.5,`, "lies outside"},
		{`"count":9,`, `"count":6,`, "a sample of 6: want 7"},
		{`"group":"kernels"`, `"group":"colours"`, `unknown group "colours"`},
		{`"flops":1000`, `"perfect":{"seconds":-1},"flops":1000`, "a perfect time of -1 seconds"},
		{`"flops":1000`, `"perfect":{"seconds":1e300},"flops":1000`, "a perfect time of 1e+300 seconds"},
		{`"flops":1000`, `"perfect":{"share":-1},"flops":1000`, "-1 of the measured one"},
		{`"flops":1000`, `"perfect":{"bound":"\u0007"},"flops":1000`, `bound by "\a"`},
		{`"flops":1000`, `"flops":-1`, "with a negative number"},
		{`"flops":1000`, `"flops":1e30`, "damaged"},
		{`"name":"k1"`, `"name":""`, "without a printable name"},
		{`"name":"k1"`, `"name":"k\u001b[2J"`, "without a printable name"},
		{`"name":"one"`, `"name":"o\nne"`, "cannot be printed"},
		{`"backend":"Vulkan"`, `"backend":"V\u0007"`, "cannot be printed"},
		{`"measurements":[`, `"clock":"\u0007","measurements":[`, "cannot be printed"},
		{`"measurements":[`, `"meter":"\u0007","measurements":[`, "cannot be printed"},
		{`"measurements":[`, `"no_meter":"\u0007","measurements":[`, "cannot be printed"},
		{`"flops":1000`, `"joules":-1,"flops":1000`, "an energy of -1 J"},
		{`"flops":1000`, `"joules":1e300,"flops":1000`, "an energy of 1e+300 J"},
		{`"measurements":[`, `"tilings":{"` + strings.Repeat("a", 300) + `":{}},"measurements":[`, "a key of 300 bytes"},
		{`"measurements":[`, `"targets":[{}],"measurements":[`, "a target that"},
		{`"measurements":[`, `"targets":[{"epoch":1,"accuracy":90,"reached":80}],"measurements":[`, "no training reaches"},
		{`"measurements":[`, `"targets":[{"epoch":1,"data":"\u0007"}],"measurements":[`, "cannot be printed"},
		{`"version":"v1"`, `"version":"v\u0007"`, "cannot be printed"},
		{`"system":""`, `"system":"\u0007"`, "cannot be printed"},
		{`"rounds":3`, `"rounds":0`, "0 rounds"},
		{`"batch":128`, `"batch":-3`, "batch of -3"},
	} {
		if strings.Count(good, c.old) != 1 {
			t.Fatalf("%q occurs %d times in %s", c.old, strings.Count(good, c.old), good)
		}
		_, err := Parse([]byte(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s for %.40s: got %v, want an error with %q", c.new, c.old, err, c.want)
		}
	}
	for want, r := range map[string]Report{
		"without adapters":       {Schema: Schema, Settings: Standard()},
		"no measurements of one": made("one", "v1"),
		"occurs twice":           made("one", "v1", kernel("k1", 1, 1, 1), kernel("k1", 1, 1, 1)),
		"2001 measurements":      made("one", "v1", make([]Measurement, maxMeasurements+1)...),
	} {
		if _, err := Parse([]byte(text(t, r))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// oldFile returns the report of a file that the first version with schema 1 wrote.
func oldFile(t *testing.T) Report {
	t.Helper()
	data, err := os.ReadFile("testdata/schema1.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A file of schema 1, which has no peaks, is read. It compares with a file of today.
func TestSchema1(t *testing.T) {
	r := oldFile(t)
	a := r.Adapters[0]
	if r.Schema != 1 || len(a.Measurements) != 19 || a.Measurements[1].Name != "avg conv2d.forward x→conv1" || a.Measurements[1].Flops != 39845888 {
		t.Errorf("got %+v", r)
	}
	if _, ok := a.Roofs(); ok {
		t.Error("the file has peaks")
	}
	for _, m := range a.Measurements {
		if m.Perfect != (Perfect{}) {
			t.Errorf("%s has %+v without peaks", m.Name, m.Perfect)
		}
	}
	if table := a.Table(0); !strings.Contains(table, "  11.2        -      -\n") {
		t.Errorf("the table has shares:\n%s", table)
	}
	today := r
	today.Schema = Schema
	c, err := Compare([]File{{"old", r}, {"new", today}})
	if err != nil || len(c.Rows) != len(a.Measurements) {
		t.Errorf("%d rows, %v", len(c.Rows), err)
	}
}

// Any file is refused, or compares with itself in finite numbers, all within noise.
//
//	go test ./nn/bench -run none -fuzz FuzzParse
func FuzzParse(f *testing.F) {
	r := made("one", "v1", kernel("k1", 0.9, 1, 1.1), kernel("k2", 1e-12, 1, 1e9))
	r.Adapters[0].Clock = "it has none"
	f.Add([]byte(text(f, r)))
	f.Add([]byte(`{"wgpucnn_bench":2,"adapters":[{"error":"no"}]}`))
	f.Add([]byte(`{"wgpucnn_bench":1}`))
	f.Add([]byte(`{"wgpucnn_bench":1,"time":"` + strings.Repeat("2", 3000) + `"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			hostile.OneLine(t, err)
			return
		}
		c, err := Compare([]File{{"a", r}, {"b", r}})
		if err != nil {
			return
		}
		if _, err := json.Marshal(c); err != nil {
			t.Error(err)
		}
		if _, err := c.Page(); err != nil {
			t.Error(err)
		}
		if strings.ContainsFunc(c.Table(0), func(c rune) bool { return c < ' ' && c != '\n' }) {
			t.Errorf("the table holds a control character: %q", c.Table(0))
		}
		n := len(c.Columns) / 2
		for _, row := range c.Rows {
			if verdict := row.Cells[n].Verdict; verdict != WithinNoise && verdict != Missing && verdict != Baseline {
				t.Errorf("%s of itself is %s", row.Name, verdict)
			}
		}
		for _, mean := range c.Means {
			if verdict := mean.Cells[n].Verdict; verdict != WithinNoise && verdict != Missing && verdict != Baseline {
				t.Errorf("the mean of %s of itself is %s", mean.Group, verdict)
			}
		}
	})
}
