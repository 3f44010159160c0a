package nn

import (
	"encoding/json"
	"testing"
)

// A convolution without a bias has a weight alone. It prints, counts and names its keyword as PyTorch
// does. Files without the keyword have a bias.
func TestConv2dWithoutBias(t *testing.T) {
	l := Conv2d{In: 2, Out: 3, Kernel: 3, Padding: 1, NoBias: true}
	if got, want := l.String(), "Conv2d(2, 3, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if params := l.Params(); len(params) != 1 || params[0].Name != "weight" {
		t.Errorf("parameters %v, want a weight", params)
	}
	if got, want := l.MultiplyAdds(Shape{2, 4, 5}), 4*5*3*2*9; got != want {
		t.Errorf("%d multiply-adds, want %d", got, want)
	}
	for text, want := range map[string]Conv2d{
		`{"in_channels":2,"bias":false}`: {In: 2, NoBias: true},
		`{"in_channels":2,"bias":true}`:  {In: 2},
		`{"in_channels":2}`:              {In: 2},
	} {
		var got Conv2d
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", text, got, err, want)
		}
	}
	if err := json.Unmarshal([]byte(`{"bias":3}`), new(Conv2d)); err == nil {
		t.Error("a bias of 3 is no error")
	}
	for l, want := range map[Conv2d]string{
		l:                          `{"in_channels":2,"out_channels":3,"kernel_size":3,"stride":0,"padding":1,"bias":false}`,
		{In: 2, Out: 3, Kernel: 1}: `{"in_channels":2,"out_channels":3,"kernel_size":1,"stride":0}`,
	} {
		if got, err := json.Marshal(l); err != nil || string(got) != want {
			t.Errorf("got %s and %v, want %s", got, err, want)
		}
	}
}
