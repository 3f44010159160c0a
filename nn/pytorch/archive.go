package pytorch

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"path"
	"strings"
)

// archive is the zip archive of a file. Its records lie in one folder, whose name may be any.
type archive struct {
	file    []byte
	records map[string]*zip.File // by name in the folder
	read    map[string][]byte    // the bytes of the records read so far
	room    uint64               // bytes that the other records may still have together
	tensors int                  // bytes of the tensors read so far
}

// openArchive reads the directory of an archive.
func openArchive(file []byte) (*archive, error) {
	reader, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		if !bytes.HasPrefix(file, []byte("PK")) {
			return nil, foreign(file)
		}
		return nil, fmt.Errorf("%w: the file is cut or damaged", err)
	}
	a := &archive{file: file, records: map[string]*zip.File{}, read: map[string][]byte{}, room: uint64(len(file))}
	folder, found := "", false
	for _, f := range reader.File {
		if path.Base(f.Name) == "data.pkl" {
			folder, found = strings.TrimSuffix(f.Name, "data.pkl"), true
			break
		}
	}
	if !found {
		return nil, errors.New("a zip archive without data.pkl: want what torch.save writes")
	}
	for _, f := range reader.File {
		if name, ok := strings.CutPrefix(f.Name, folder); ok {
			a.records[name] = f
		}
	}
	if _, ok := a.records["constants.pkl"]; ok {
		return nil, errors.New(`a TorchScript model, of torch.jit.save: want its state dict: torch.save(torch.jit.load("OLD.pt").state_dict(), "NEW.pt")`)
	}
	if _, ok := a.records["byteorder"]; ok {
		order, err := a.record("byteorder")
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("byte order %.10q: want little", order)
		}
	}
	return a, nil
}

// record returns the bytes of a record. They are part of the file, because torch.save does not
// compress. All records together may have at most the bytes of the file, so records that share
// bytes soon fail.
func (a *archive) record(name string) ([]byte, error) {
	if data, ok := a.read[name]; ok {
		return data, nil
	}
	f, ok := a.records[name]
	if !ok {
		return nil, fmt.Errorf("no record %.60q in the archive: the file is cut or damaged", name)
	}
	if f.Method != zip.Store {
		return nil, fmt.Errorf("record %.60q is compressed: want it stored, as torch.save does", name)
	}
	start, err := f.DataOffset()
	size := f.UncompressedSize64
	if err != nil || start < 0 || start > int64(len(a.file)) || size > uint64(int64(len(a.file))-start) || size > a.room {
		return nil, fmt.Errorf("record %.60q has no room in the file for its %d bytes: the file is cut or damaged", name, size)
	}
	a.room -= size
	data := a.file[start:][:size]
	if crc32.ChecksumIEEE(data) != f.CRC32 {
		return nil, fmt.Errorf("record %.60q: wrong checksum: the file is damaged", name)
	}
	a.read[name] = data
	return data, nil
}
