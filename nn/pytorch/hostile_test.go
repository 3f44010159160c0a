package pytorch

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/testdata/hostile"
)

// record is a record of an archive. size is the number of bytes that its header claims; -1
// means the true number.
type record struct {
	name   string
	data   []byte
	method uint16
	size   int64
}

func stored(name, data string) record { return record{name, []byte(data), zip.Store, -1} }

// pack returns an archive.
func pack(t testing.TB, records ...record) []byte {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for _, r := range records {
		header := &zip.FileHeader{Name: r.name, Method: r.method, CRC32: crc32.ChecksumIEEE(r.data),
			CompressedSize64: uint64(len(r.data)), UncompressedSize64: uint64(len(r.data))}
		if r.size >= 0 {
			header.CompressedSize64, header.UncompressedSize64 = uint64(r.size), uint64(r.size)
		}
		w, err := archive.CreateRaw(header)
		if err == nil {
			_, err = w.Write(r.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// long pushes a number of 64 bits: LONG1.
func long(n int) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func longs(numbers ...int) string {
	text := "("
	for _, n := range numbers {
		text += long(n)
	}
	return text + "t"
}

func text(s string) string {
	var p pickler
	p.text(s)
	return string(p)
}

// Parts of the pickles below.
const (
	rebuild = "ctorch._utils\n_rebuild_tensor_v2\n"
	floats  = "ctorch\nFloatStorage\n"
	noHooks = "\x89N" // no gradient, no hooks
)

// storageOf pushes a storage of size elements in record key.
func storageOf(key string, size int) string {
	return "(" + text("storage") + floats + text(key) + text("cpu") + long(size) + "tQ"
}

// tensorOf pushes a view of a storage.
func tensorOf(storage string, offset int, shape, stride []int) string {
	return rebuild + "(" + storage + long(offset) + longs(shape...) + longs(stride...) + noHooks + "tR"
}

// dictOf returns the pickle of a dict.
func dictOf(items ...string) string { return "\x80\x02}(" + strings.Join(items, "") + "u." }

// Files that are made to exhaust the reader end in one short line and take little memory.
func TestHostileFiles(t *testing.T) {
	const data = "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40" // 1, 2, 3, 4
	with := func(pickle string) []byte { return pack(t, stored("a/data.pkl", pickle), stored("a/data/0", data)) }
	tensor := func(offset int, shape, stride []int) []byte {
		return with(dictOf(text("w"), tensorOf(storageOf("0", 4), offset, shape, stride)))
	}
	one := tensorOf(storageOf("0", 4), 0, []int{4}, []int{1})
	good := with(dictOf(text("w"), one))
	for name, file := range map[string][]byte{
		"one dimension":               good,
		"a stride that is not needed": tensor(0, []int{1, 4}, []int{math.MaxInt, 1}),
	} {
		if got, err := Unmarshal(file); err != nil || !reflect.DeepEqual(got[0].Data, []float32{1, 2, 3, 4}) {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
	}
	many := func(item func(i int) string) string {
		var items strings.Builder
		for i := range 1000 {
			items.WriteString(text(fmt.Sprint(i)) + item(i))
		}
		return dictOf(items.String())
	}
	aliases := make([]string, 1000)
	for i := range aliases {
		aliases[i] = fmt.Sprintf("a/data/%03d", i)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                {nil, "an empty file"},
		"text":                   {[]byte("hello, world"), "not a zip archive: want what torch.save writes since PyTorch 1.6"},
		"two letters":            {[]byte("PK"), "zip: not a valid zip file: the file is cut or damaged"},
		"another archive":        {pack(t, stored("word/document.xml", "")), "a zip archive without data.pkl"},
		"big endian":             {pack(t, stored("a/data.pkl", "N."), stored("a/byteorder", "big")), `byte order "big": want little`},
		"compressed pickle":      {pack(t, record{"a/data.pkl", []byte("N."), zip.Deflate, -1}), `record "data.pkl" is compressed`},
		"compressed storage":     {pack(t, stored("a/data.pkl", dictOf(text("w"), one)), record{"a/data/0", []byte(data), zip.Deflate, -1}), `record "data/0" is compressed`},
		"a terabyte":             {pack(t, stored("a/data.pkl", dictOf(text("w"), one)), record{"a/data/0", []byte(data), zip.Store, 1 << 40}), "has no room in the file for its 1099511627776 bytes"},
		"a record cut":           {pack(t, stored("a/data.pkl", dictOf(text("w"), one)), record{"a/data/0", []byte(data), zip.Store, 1 << 10}), "has no room in the file"},
		"other bytes":            {bytes.Replace(good, []byte(data), []byte("0123456789abcdef"), 1), `record "data/0": wrong checksum`},
		"no storage":             {pack(t, stored("a/data.pkl", dictOf(text("w"), one))), `no record "data/0" in the archive`},
		"a storage elsewhere":    {with(dictOf(text("w"), tensorOf(storageOf("../data.pkl", 4), 0, []int{4}, []int{1}))), `no record "data/../data.pkl"`},
		"records on one another": {alias(t, pack(t, stored("a/data.pkl", many(func(i int) string { return tensorOf(storageOf(fmt.Sprintf("%03d", i), 1<<15), 0, []int{1}, []int{1}) })), stored("a/data/abc", strings.Repeat(data, 1<<13))), "a/data/abc", aliases), "has no room in the file"},
		"tensors on one another": {pack(t, stored("a/data.pkl", many(func(int) string { return tensorOf(storageOf("0", 1<<15), 0, []int{1 << 15}, []int{1}) })), stored("a/data/0", strings.Repeat(data, 1<<13))), "overlap: together they have more than 4 times the bytes of the file"},

		"a large pickle":    {with("\x80\x02" + strings.Repeat("N", maxPickle) + "."), "data.pkl has 67108867 bytes: want at most 67108864"},
		"many opcodes":      {with("\x80\x02" + strings.Repeat("N0", 1<<20) + "."), "more than 2097152 opcodes"},
		"many values":       {with("\x80\x02" + strings.Repeat("N", 1<<18+1) + "."), "more than 262144 values on the stack"},
		"many dicts":        {with("\x80\x02(" + strings.Repeat("}", 1<<18) + "t."), "the file holds a tuple"},
		"many objects":      {with("\x80\x02(ca\nb\nq\x00" + strings.Repeat("h\x00)\x81", 1<<17) + "t."), "the file holds a tuple"},
		"nested marks":      {with(strings.Repeat("(", 1<<20) + "."), "more than 4096 marks on the stack"},
		"a gigabyte's name": {with("\x80\x02}(X\xff\xff\xff\x3fw"), "truncated"},
		"another class":     {with("\x80\x02cos\nsystem\n(X\x02\x00\x00\x00lstR."), `the file holds an object of "os.system": want a state dict`},
		"a class by stack":  {with("\x80\x04\x8c\x05posix\x8c\x06system\x93."), `the file holds the class "posix.system": want a state dict`},
		"bytes as a key":    {with("\x80\x02ccollections\nOrderedDict\n)R(C\x01aNu."), "broken pickle: hash of unhashable type"},
		"a storage called":  {with("\x80\x02" + storageOf("0", 4) + ")R."), "it calls a value that is not a function"},
		"a tensor built":    {with("\x80\x02" + one + "}b."), "BUILD requires"},
		"no dict":           {with("\x80\x02N."), "the file holds None: want a state dict"},
		"a dict in itself":  {with("\x80\x02}q\x00(" + text("state_dict") + "h\x00u."), `the file holds a dict without tensors, of "state_dict": want a state dict`},
		"a number":          {with(dictOf(text("epoch"), "K\x03")), `a dict without tensors, of "epoch"`},
		"no tensor's place": {with(dictOf(text("w"), one, text("a.weight"), "cos\nsystem\n)R")), `"a.weight" is an object of "os.system": want a tensor`},
		"two dicts":         {with(dictOf(text("gan.g"), "}("+text("w")+one+"u", text("gan.d"), "}("+text("w")+one+"u")), `state dicts under "gan.g", "gan.d": save one of them: torch.save(torch.load("OLD.pt")["gan.g"], "NEW.pt")`},
		"a numbered tensor": {with(dictOf("K\x03", one)), "a key of the state dict is not a string"},
		"a name of escapes": {with(dictOf(text("\x1b[31m\n"), "K\x03")), `of "\x1b[31m\n"`},

		"a class of escapes":     {with(dictOf(text("w"), strings.Replace(one, "Float", "\x1b[31m", 1))), `a tensor in a "torch.\x1b[31mStorage"`},
		"an id of one number":    {with("\x80\x02K\x01Q."), "a persistent id that is not a storage's"},
		"a storage of strings":   {with("\x80\x02(" + text("storage") + text("FloatStorage") + text("0") + text("cpu") + long(4) + "tQ."), "a storage without class"},
		"a storage below 0":      {with("\x80\x02" + storageOf("0", -1) + "."), "a storage without class, key and size"},
		"a storage too large":    {with(dictOf(text("w"), tensorOf(storageOf("0", math.MaxInt), 0, []int{4}, []int{1}))), "a storage of 9223372036854775807 elements in 16 bytes"},
		"half an element":        {pack(t, stored("a/data.pkl", dictOf(text("w"), one)), stored("a/data/0", data+"\x00")), "a storage of 4 elements in 17 bytes"},
		"a tensor of nothing":    {with("\x80\x02" + rebuild + ")R."), "a tensor without its six parts"},
		"a tensor nowhere":       {with("\x80\x02" + rebuild + "(K\x01K\x00))" + noHooks + "tR."), "a tensor without a storage"},
		"an offset below 0":      {tensor(-1, []int{1}, []int{1}), "a tensor without a storage and a place in it"},
		"an offset beyond":       {tensor(4, []int{1}, []int{1}), "shape (1), stride (1), offset 4 do not fit a storage of 4 elements"},
		"a large offset":         {tensor(math.MaxInt, []int{2}, []int{1}), "do not fit"},
		"a row too many":         {tensor(0, []int{3, 2}, []int{2, 1}), "do not fit"},
		"a stride too long":      {tensor(0, []int{2, 2}, []int{3, 1}), "do not fit"},
		"a large stride":         {tensor(0, []int{2}, []int{math.MaxInt}), "do not fit"},
		"strides that overflow":  {tensor(0, []int{2, 2, 2}, []int{1 << 62, 1 << 62, 1 << 62}), "do not fit"},
		"sizes that overflow":    {tensor(0, []int{1 << 32, 1 << 32}, []int{0, 0}), "do not fit"},
		"a size below 0":         {tensor(0, []int{-1}, []int{1}), "not made of numbers from 0"},
		"a stride below 0":       {tensor(3, []int{4}, []int{-1}), "not made of numbers from 0"},
		"no stride":              {tensor(0, []int{4}, nil), "a stride too many or too few"},
		"65 dimensions":          {tensor(0, make([]int, 65), make([]int, 65)), "at most 64 dimensions"},
		"a shape of one number":  {with(dictOf(text("w"), rebuild+"("+storageOf("0", 4)+"K\x00K\x04K\x01"+noHooks+"tR")), "without a shape"},
		"a shape of text":        {with(dictOf(text("w"), rebuild+"("+storageOf("0", 4)+"K\x00"+text("4")+"\x85K\x01\x85"+noHooks+"tR")), "not made of numbers"},
		"a parameter of nothing": {with("\x80\x02ctorch._utils\n_rebuild_parameter\n)R."), "a parameter without a tensor"},
	} {
		t.Run(name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 128<<20, func() error {
				_, err := Unmarshal(c.file)
				return err
			})
		})
	}
}

// alias adds names to an archive's directory. Each is another name for the bytes of the record
// from.
func alias(t *testing.T, file []byte, from string, names []string) []byte {
	t.Helper()
	end := file[len(file)-22:] // of the directory
	start := binary.LittleEndian.Uint32(end[16:])
	directory := bytes.Clone(file[start : len(file)-22])
	entry := directory[bytes.Index(directory, []byte(from))-46:]
	for _, name := range names {
		directory = append(directory, bytes.Replace(entry, []byte(from), []byte(name), 1)...)
	}
	end = bytes.Clone(end)
	binary.LittleEndian.PutUint16(end[8:], uint16(2+len(names)))
	binary.LittleEndian.PutUint16(end[10:], uint16(2+len(names)))
	binary.LittleEndian.PutUint32(end[12:], uint32(len(directory)))
	return append(append(bytes.Clone(file[:start]), directory...), end...)
}

// A file cut at any length gives an error. A file with one changed byte gives an error or the
// same tensors.
func TestDamagedFiles(t *testing.T) {
	file := golden(t, "lab")
	want := goldenLab()
	for n := range file {
		if _, err := Unmarshal(file[:n]); err == nil {
			t.Errorf("the first %d of %d bytes: got no error", n, len(file))
		}
		changed := bytes.Clone(file)
		changed[n] ^= 0xff
		got, err := Unmarshal(changed)
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("byte %d changed: got other tensors", n)
		}
	}
}

// Any bytes give a state dict or an error, never a panic.
func FuzzUnmarshal(f *testing.F) {
	for _, name := range goldenFiles {
		f.Add(golden(f, name))
	}
	f.Add(madeModel(f))
	f.Add(safetensorsFile(`{"0.weight":{"dtype":"F16","shape":[1,3],"data_offsets":[0,6]}}`, make([]byte, 6)))
	f.Fuzz(func(t *testing.T, file []byte) { checkUnmarshal(t, file) })
}

// A pickle of any bytes in a correct archive gives a state dict or an error, never a panic.
func FuzzPickle(f *testing.F) {
	for _, name := range goldenFiles {
		a, err := openArchive(golden(f, name))
		if err != nil {
			f.Fatal(err)
		}
		pickle, err := a.record("data.pkl")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(pickle)
	}
	f.Fuzz(func(t *testing.T, pickle []byte) {
		records := []record{stored("a/data.pkl", string(pickle))}
		for key, size := range []int{600, 8, 288, 16, 192, 12} { // as in the golden lab
			records = append(records, stored(fmt.Sprintf("a/data/%d", key), strings.Repeat("\x00", size)))
		}
		checkUnmarshal(t, pack(t, records...))
	})
}

var goldenFiles = []string{"lab", "checkpoint", "numbered", "parameters", "types", "views", "integers", "expanded", "module", "beside", "batchnorm", "whole", "other"}

// madeModel returns a file of Marshal.
func madeModel(t testing.TB) []byte {
	t.Helper()
	file, err := Marshal(labModel(t, "avg", nn.LabOptions{Classes: 3, Hidden: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// checkUnmarshal checks what the doc comments of this package promise about any file.
func checkUnmarshal(t *testing.T, file []byte) {
	for _, pooling := range []string{"", "max"} {
		model, _, err := Import(file, LabOptions{Pooling: pooling})
		if err == nil {
			_, err = Marshal(model)
		}
		checkLine(t, err)
	}
	state, err := Unmarshal(file)
	checkLine(t, err)
	total := 0
	for _, tensor := range state {
		if total += len(tensor.Data); len(tensor.Data) != tensor.Shape.Size() {
			t.Errorf("%d values of shape %v", len(tensor.Data), tensor.Shape)
		}
	}
	if total > len(file)/2 {
		t.Errorf("%d elements out of %d bytes", total, len(file))
	}
}

// checkLine fails the test if an error is not one short line.
func checkLine(t *testing.T, err error) {
	t.Helper()
	if err != nil && (strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 900) {
		t.Errorf("not a short line: %q", err)
	}
}
