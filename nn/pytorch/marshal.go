package pytorch

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"

	"wgpucnn/engine"
	"wgpucnn/nn/modelfile"
)

// Marshal returns a model's state dict as torch.save writes it: an OrderedDict of contiguous
// float32 tensors on the CPU, each with its own storage. Behind a BatchNorm's running_var stands the
// num_batches_tracked that PyTorch has, an integer. It is 0, as no computation needs it. torch.load reads it, with
// weights_only=True too. Import reads the whole model, because an extra record describes the
// network; PyTorch ignores that record. Equal models give equal bytes.
func Marshal(model *modelfile.Model) ([]byte, error) {
	metadata, err := model.Metadata()
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	description, err := json.Marshal(metadata)
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	pickle, err := pickleState(model.State)
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	type record struct {
		name string
		data []byte
	}
	records := []record{{"data.pkl", pickle}, {"byteorder", []byte("little")}}
	counted := false
	for i, t := range model.State {
		records = append(records, record{"data/" + strconv.Itoa(i), engine.Bytes(t.Data)})
		counted = counted || isRunningVar(t.Name)
	}
	if counted {
		records = append(records, record{"data/" + countRecord, make([]byte, 8)})
	}
	records = append(records, record{metadataRecord, description}, record{"version", []byte("3\n")})

	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for _, r := range records {
		if err := archive.Flush(); err != nil { // so that file.Len is the offset of the record
			return nil, fmt.Errorf("pytorch: %w", err)
		}
		header := newHeader("archive/"+r.name, r.data, file.Len())
		w, err := archive.CreateRaw(header)
		if err == nil {
			_, err = w.Write(r.data)
		}
		if err != nil {
			return nil, fmt.Errorf("pytorch: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	return file.Bytes(), nil
}

const (
	alignment   = 64 // of the data of records in the file
	localHeader = 30 // bytes before a record's name
)

// newHeader returns the header, without a time, of a record that begins at offset. Like
// torch.save it adds an extra field "FB" as padding, so that the data are aligned.
func newHeader(name string, data []byte, offset int) *zip.FileHeader {
	start := offset + localHeader + len(name) + 4
	padding := (alignment - start%alignment) % alignment
	return &zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
		Extra: append([]byte{'F', 'B', byte(padding), 0}, bytes.Repeat([]byte("Z"), padding)...),
	}
}
