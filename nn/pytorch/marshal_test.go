package pytorch

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/modelfile"
)

// Marshal gives the same bytes each time, and Unmarshal reads the same tensors. The records are
// those of torch.save, stored, and aligned for programs that map the file into memory.
func TestMarshal(t *testing.T) {
	want := labModel(t, "base", nn.LabOptions{Classes: 3, Hidden: 2})
	want.Training, want.Version = json.RawMessage(`{"seed":7}`), "1.2"
	file, err := Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Unmarshal(file); err != nil || !reflect.DeepEqual(got, want.State) {
		t.Errorf("got %v, %v, want %v", got, err, want.State)
	}
	if again, err := Marshal(want); err != nil || !bytes.Equal(again, file) {
		t.Errorf("the second file differs, or %v", err)
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
		start, err := f.DataOffset()
		if err != nil || start%64 != 0 || f.Method != zip.Store || f.Flags != 0 {
			t.Errorf("%s: at byte %d, method %d, flags %#x, %v", f.Name, start, f.Method, f.Flags, err)
		}
	}
	const records = "archive/data.pkl archive/byteorder archive/data/0 archive/data/1 archive/data/2 archive/data/3 archive/data/4 archive/data/5 archive/extra/wgpucnn.json archive/version"
	if strings.Join(names, " ") != records {
		t.Errorf("records %v, want %s", names, records)
	}
}

func TestMarshalRefuses(t *testing.T) {
	model := labModel(t, "base", nn.LabOptions{Classes: 3, Hidden: 2})
	model.State[1].Data = model.State[1].Data[:1]
	if _, err := Marshal(model); err == nil || !strings.Contains(err.Error(), "pytorch: nn: weights conv1.bias (2): want conv1.bias (2)") {
		t.Errorf("got %v", err)
	}
}

// PyTorch's state dict of a BatchNorm ends in the number of batches, an integer. It is written, and skipped when
// the file is read.
func TestMarshalBatchNorm(t *testing.T) {
	network := nntest.Reference(t, reference.BatchNorm)
	want := &modelfile.Model{Network: network, State: network.InitState(3), ClassNames: []string{"a", "b", "c"}}
	file, err := Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := openArchive(file)
	if err != nil {
		t.Fatal(err)
	}
	pickle, err := archive.record("data.pkl")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(pickle, []byte(".num_batches_tracked")); n != 4 {
		t.Errorf("%d numbers of batches, want 4", n)
	}
	model, _, err := Import(file, LabOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(model.State, want.State) || !reflect.DeepEqual(model.Modules[2].Layer, nn.BatchNorm2d{Features: 12, Eps: 1e-5, Momentum: 0.1}) {
		t.Errorf("read another model: %v", model.Modules)
	}
}
