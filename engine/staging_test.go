package engine_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// allocate returns buffers that have memory, and releases them when the test ends.
func allocate(t *testing.T, dev *engine.Device, sizes ...int) []engine.View {
	t.Helper()
	var views []engine.View
	for _, size := range sizes {
		b := engine.NewBuffer("b", size)
		if err := dev.Allocate(b); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { engine.Release(b) })
		views = append(views, b.All())
	}
	return views
}

// noise returns random bytes.
func noise(random *rand.Rand, size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}

// Data of all sizes go to the device and come back: less than a staging buffer, more than two, and
// writes that end in the middle of one.
func TestWriteRead(t *testing.T) {
	dev := enginetest.Open(t)
	random := rand.New(rand.NewPCG(3, 4))
	const size = 37<<20 + 12
	whole := allocate(t, dev, size)[0]
	want := make([]byte, size)
	for _, c := range []struct{ offset, size int }{
		{4, 4}, {64 << 10, 64<<10 + 4}, {0, size}, {8, 8<<20 - 4}, {16 << 20, 8 << 20}, {12, 19<<20 + 4}, {size - 4, 4}, {1 << 20, 3 << 20},
	} {
		data := noise(random, c.size)
		copy(want[c.offset:], data)
		if err := dev.Write(engine.View{Buffer: whole.Buffer, Offset: c.offset, Size: c.size}, data); err != nil {
			t.Fatal(err)
		}
		clear(data) // Write does not keep it
	}
	got, part := make([]byte, size), make([]byte, 8<<20)
	recorder := dev.NewRecorder()
	recorder.Read(engine.View{Buffer: whole.Buffer, Offset: 12 << 20, Size: len(part)}, part)
	recorder.Read(whole, got)
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) || !bytes.Equal(part, want[12<<20:20<<20]) {
		t.Error("other bytes came back")
	}
}

// A write lies between the submissions before it and after it, and a read has the contents at the
// end of its submission, however much either moves and in whatever order the host waits.
func TestWritesInOrder(t *testing.T) {
	dev := enginetest.Open(t)
	random := rand.New(rand.NewPCG(5, 6))
	for _, size := range []int{16, 20 << 20} {
		x := allocate(t, dev, size)[0]
		var want, got [3][]byte
		var pending [3]*engine.Pending
		for i := range want {
			want[i], got[i] = noise(random, size), make([]byte, size)
			if err := dev.Write(x, want[i]); err != nil {
				t.Fatal(err)
			}
			recorder := dev.NewRecorder()
			recorder.Read(x, got[i])
			var err error
			if pending[i], err = recorder.Submit(); err != nil {
				t.Fatal(err)
			}
		}
		for _, i := range []int{1, 0, 2} {
			if err := pending[i].Wait(); err != nil || !bytes.Equal(got[i], want[i]) {
				t.Errorf("%d bytes, submission %d: %v, other bytes", size, i, err)
			}
		}
	}
}

// A device keeps its staging buffers and uses them again. It keeps 16 MiB to write through and 64
// MiB to read through, however much moves.
func TestStagingIsBounded(t *testing.T) {
	dev := enginetest.Open(t)
	x := allocate(t, dev, 100<<20)[0]
	move := func(size int) (write, read int) {
		t.Helper()
		data, v := make([]byte, size), engine.View{Buffer: x.Buffer, Size: size}
		if err := dev.Write(v, data); err != nil {
			t.Fatal(err)
		}
		if err := engine.Read(dev, v, make([]uint32, size/4)); err != nil {
			t.Fatal(err)
		}
		return dev.Staging()
	}
	for range 20 {
		if write, read := move(1000); write > 128<<10 || read != 64<<10 {
			t.Fatalf("after a little: %d bytes to write through, %d to read through", write, read)
		}
	}
	for range 3 {
		if write, read := move(100 << 20); write != 16<<20 || read > 64<<20 || read < 56<<20 {
			t.Fatalf("after 100 MiB: %d bytes to write through, %d to read through", write, read)
		}
	}
}

// Writes before a recording, its dispatches and its reads are one submission.
func TestOneSubmission(t *testing.T) {
	dev := enginetest.Open(t)
	program, x, y := setUp(t, dev, 64)
	for turn := range 3 {
		before := dev.Submissions()
		values := make([]float32, 64)
		for i := range values {
			values[i] = float32(i%3 - 1)
		}
		for first := range 2 { // two writes
			half := engine.View{Buffer: x.Buffer, Offset: 128 * first, Size: 128}
			if err := dev.Write(half, engine.Bytes(values[32*first:32*first+32])); err != nil {
				t.Fatal(err)
			}
		}
		runOnce(t, dev, program, y)
		if n := dev.Submissions() - before; n != 1 {
			t.Errorf("turn %d: %d submissions, want 1", turn, n)
		}
	}
}

// A write to a buffer that is released before the next submission is forgotten. The buffer's next
// memory does not get it.
func TestWriteThenRelease(t *testing.T) {
	dev := enginetest.Open(t)
	views := allocate(t, dev, 64, 64)
	for _, v := range views {
		if err := dev.Write(v, bytes.Repeat([]byte{7}, 64)); err != nil {
			t.Fatal(err)
		}
	}
	engine.Release(views[0].Buffer)
	if err := dev.Allocate(views[0].Buffer); err != nil {
		t.Fatal(err)
	}
	for i, want := range []uint32{0, 0x07070707} {
		got := make([]uint32, 16)
		if err := engine.Read(dev, views[i], got); err != nil || got[0] != want || got[15] != want {
			t.Errorf("buffer %d: got %x, %v, want %x", i, got, err, want)
		}
	}
}

// A device can be released with writes that no submission took along, and with writes that are on
// their way.
func TestReleaseAfterWrite(t *testing.T) {
	for _, size := range []int{64, 20 << 20} {
		dev := enginetest.Open(t)
		x := allocate(t, dev, size)[0]
		if err := dev.Write(x, make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		dev.Release()
	}
}
