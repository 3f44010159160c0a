package optim

import "testing"

func TestSGDCheck(t *testing.T) {
	for _, o := range []SGD{{LR: 0}, {LR: -1}, {LR: 1, Momentum: 1}, {LR: 1, Momentum: -0.1}} {
		if o.Check() == nil {
			t.Errorf("%+v passed", o)
		}
	}
	if err := (SGD{LR: 5e-3, Momentum: 0.9}).Check(); err != nil {
		t.Error(err)
	}
}
