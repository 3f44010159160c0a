package report

import (
	"encoding/json"
	"math"

	"wgpucnn/nn"
)

// Config is everything that is needed to repeat a run.
type Config struct {
	Version    string   `json:"version"` // of the program
	Adapter    string   `json:"adapter"`
	Driver     string   `json:"driver"`
	Backend    string   `json:"backend"`
	Data       string   `json:"data"`
	Classes    []Class  `json:"classes"`
	Recipe     Recipe   `json:"recipe"`
	nn.Tilings          // of the kernels
	Initial    *Initial `json:"initial,omitempty"` // nil for weights drawn by the seed
	Nets       []Net    `json:"nets,omitempty"`    // none for the lab's variants
}

// Evaluated returns the name of the rows that each epoch is evaluated on: "validation" if some
// were held out, else "test".
func (c Config) Evaluated() string {
	if c.Recipe.Validation > 0 {
		return "validation"
	}
	return "test"
}

// TestRows returns the number of test rows.
func (c Config) TestRows() int { return c.rows(func(class Class) int { return class.Test }) }

// rows returns the sum of a number of each class.
func (c Config) rows(of func(Class) int) int {
	sum := 0
	for _, class := range c.Classes {
		sum += of(class)
	}
	return sum
}

// Class is a class of the data with its numbers of rows.
type Class struct {
	Name       string `json:"name"`
	Train      int    `json:"train"`
	Validation int    `json:"validation,omitempty"`
	Test       int    `json:"test"`
}

// Net is the text of a network: see package nets.
type Net struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Initial is the model whose weights a training started from.
type Initial struct {
	Model  string `json:"model"`  // path
	SHA256 string `json:"sha256"` // of the weights: all tensors in order as little-endian float32
}

// Summary is a run: its settings and the results of its variants.
type Summary struct {
	Config   Config
	Variants []Variant
}

// Variant is the result of one network.
type Variant struct {
	Name           string  `json:"pooling"` // at first a variant was a pooling of the lab
	Parameters     int     `json:"parameters"`
	MultiplyAdds   int     `json:"multiply_adds"`   // of one image
	Epochs         int     `json:"epochs"`          // finished epochs
	Steps          int     `json:"steps"`           // finished steps
	Seconds        float64 `json:"seconds"`         // time of the steps
	CompileSeconds float64 `json:"compile_seconds"` // before the steps; 0 from earlier versions, which count it in Seconds
	Train          Score   `json:"train"`
	Validation     Score   `json:"validation,omitzero"` // only if Recipe.Validation is above 0
	Test           Score   `json:"test"`
	Folder         string  `json:"folder"`
	Stalled        bool    `json:"stalled,omitempty"`    // Recipe.Patience ended the training
	KeptEpoch      int     `json:"kept_epoch,omitempty"` // whose weights the model has; 0 for the last
	Network        string  `json:"network,omitempty"`    // in a run of several seeds, whose variants are a network and a seed each
	Seed           uint64  `json:"seed,omitempty"`       // in such a run
}

// Score is how well a network does on a set of rows.
type Score struct {
	Loss     float64 // mean cross-entropy
	Accuracy float64 // 0 to 1
}

// jsonScore is a Score in JSON. JSON has no NaN and no infinities, so null replaces them.
type jsonScore struct {
	Loss     *float64 `json:"loss"`
	Accuracy *float64 `json:"accuracy"`
}

// MarshalJSON writes null for a number that is not finite.
func (s Score) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonScore{orNull(s.Loss), orNull(s.Accuracy)})
}

// UnmarshalJSON reads null as NaN.
func (s *Score) UnmarshalJSON(data []byte) error {
	var page jsonScore
	if err := json.Unmarshal(data, &page); err != nil {
		return err
	}
	s.Loss, s.Accuracy = orNaN(page.Loss), orNaN(page.Accuracy)
	return nil
}

// orNull returns v, or nil if v is not finite.
func orNull(v float64) *float64 {
	if !finite(v) {
		return nil
	}
	return &v
}

// orNaN returns *v, or NaN for nil.
func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// stepsPerSecond returns the rate of training, 0 if no time was measured.
func (v Variant) stepsPerSecond() float64 {
	if v.Seconds <= 0 {
		return 0
	}
	return float64(v.Steps) / v.Seconds
}

// MarshalJSON adds steps_per_second. In a run of several seeds it writes seed 0 too.
func (v Variant) MarshalJSON() ([]byte, error) {
	type fields Variant
	page := struct {
		fields
		Seed           *uint64 `json:"seed,omitempty"`
		StepsPerSecond float64 `json:"steps_per_second"`
	}{fields(v), nil, v.stepsPerSecond()}
	if v.Network != "" {
		page.Seed = &v.Seed
	}
	return json.Marshal(page)
}

// MarshalJSON adds the best variant, the quantity it was chosen by, the 95 % interval of that
// accuracy, and the other variants whose accuracy is not below that interval. In a run of several
// seeds these are networks: the best is "" unless it is above all others by more than chance.
func (s Summary) MarshalJSON() ([]byte, error) {
	page := struct {
		Config       Config      `json:"config"`
		Variants     []Variant   `json:"variants"`
		Best         string      `json:"best"`
		ChosenBy     string      `json:"chosen_by"`
		Interval     *[2]float64 `json:"best_accuracy_95"` // null without a best variant
		NotToldApart []string    `json:"not_told_apart"`
		*Seeds
	}{s.Config, s.Variants, "", s.Config.Evaluated() + " accuracy", nil, []string{}, s.Seeds()}
	if page.Seeds != nil {
		page.NotToldApart = append(page.NotToldApart, page.notBelow...)
		if len(page.notBelow) == 0 {
			page.Best = page.HighestMean
		}
	} else if best := s.Best(); best >= 0 {
		low, high := s.bestInterval()
		page.Best, page.Interval = s.Variants[best].Name, &[2]float64{low, high}
		page.NotToldApart = append(page.NotToldApart, s.notToldApart()...)
	}
	return json.Marshal(page)
}
