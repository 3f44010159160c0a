package raster

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
)

// letters are the colours in the JPEG of photo.
var letters = map[byte]color.RGBA{
	'a': {250, 10, 10, 255}, 'b': {10, 250, 10, 255}, 'c': {10, 10, 250, 255}, 'd': {250, 250, 10, 255}, 'e': {10, 10, 10, 255}, 'f': {250, 250, 250, 255},
}

// photo returns a JPEG of 48 x 32 pixels that begins with the given segments. It stores squares
// of the colours a, b, c above d, e, f.
func photo(t testing.TB, segments ...[]byte) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for y := range 32 {
		for x := range 48 {
			m.Set(x, y, letters["abcdef"[y/16*3+x/16]])
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return slices.Concat(file.Bytes()[:2], slices.Concat(segments...), file.Bytes()[2:])
}

// segment returns a segment of a JPEG.
func segment(marker byte, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

// tiff returns Exif data. The directory has one entry after two others.
func tiff(order binary.ByteOrder, tag, kind uint16, count, value uint32) []byte {
	head := map[binary.ByteOrder]string{binary.LittleEndian: "II*\x00", binary.BigEndian: "MM\x00*"}[order]
	data := make([]byte, 12+2+3*12)
	copy(data, head)
	order.PutUint32(data[4:], 12)
	order.PutUint16(data[12:], 3)
	for i, t := range []uint16{0x10f, 0x110, tag} {
		entry := data[14+12*i:]
		order.PutUint16(entry, t)
		order.PutUint16(entry[2:], kind)
		order.PutUint32(entry[4:], count)
		if kind == 3 {
			order.PutUint16(entry[8:], uint16(value))
		} else {
			order.PutUint32(entry[8:], value)
		}
	}
	return data
}

// exif returns a segment with an orientation. Its TIFF type is 3, a short, or 4, a long.
func exif(order binary.ByteOrder, kind uint16, orientation uint32) []byte {
	return segment(0xe1, append([]byte("Exif\x00\x00"), tiff(order, 0x112, kind, 1, orientation)...))
}

// A photograph comes out upright, at its own size and at other sizes.
func TestDecodeTurns(t *testing.T) {
	for number, want := range []string{1: "abc def", 2: "cba fed", 3: "fed cba", 4: "def abc", 5: "ad be cf", 6: "da eb fc", 7: "fc eb da", 8: "cf be ad"} {
		if number == 0 {
			continue
		}
		rows := strings.Fields(want)
		height, width := 16*len(rows), 16*len(rows[0])
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			file := photo(t, exif(order, uint16(3+number%2), uint32(number)))
			for _, size := range []shape{{height, width, 3}, {height / 2, width / 2, 3}, {height * 5 / 4, width * 5 / 4, 3}} {
				p := decode(t, file, size)
				if p.Turned != (number != 1) || p.Resized != (size[0] != height) {
					t.Errorf("%d at %v: turned %v, resized %v", number, size, p.Turned, p.Resized)
				}
				for r, row := range rows {
					for c := range row {
						y, x := (2*r+1)*size[0]/(2*len(rows)), (2*c+1)*size[1]/(2*len(row))
						got, colour := pixels(p)[(y*size[1]+x)*3:][:3], letters[row[c]]
						for i, want := range []byte{colour.R, colour.G, colour.B} {
							if d := int(got[i]) - int(want); d < -12 || d > 12 {
								t.Errorf("%d at %v: %c is %v, want %v", number, size, row[c], got, colour)
								break
							}
						}
					}
				}
			}
		}
	}
}

// A turned picture equals one that was stored upright, whatever its proportions.
func TestTurnAfterResizing(t *testing.T) {
	stored := image.NewRGBA(image.Rect(0, 0, 37, 23))
	for i := range stored.Pix {
		stored.Pix[i] = byte(i*i*31 + i*7)
		if i%4 == 3 {
			stored.Pix[i] = 255
		}
	}
	for number := orientation(1); number <= 8; number++ {
		var got, want Picture
		got.fit(stored, number, image.Pt(14, 9), 3)
		want.fit(number.turn(stored), upright, image.Pt(14, 9), 3)
		for i := range want.Pixels {
			if d := int(got.Pixels[i]) - int(want.Pixels[i]); d < -1 || d > 1 {
				t.Fatalf("orientation %d, byte %d: got %d, want %d", number, i, got.Pixels[i], want.Pixels[i])
			}
		}
	}
}

// The orientation is found after other segments. Broken data count as upright.
func TestJPEGOrientation(t *testing.T) {
	six := exif(binary.LittleEndian, 3, 6)
	with := func(data []byte) []byte { return photo(t, segment(0xe1, append([]byte("Exif\x00\x00"), data...))) }
	edit := func(at int, bytes ...byte) []byte {
		data := tiff(binary.LittleEndian, 0x112, 3, 1, 6)
		copy(data[at:], bytes)
		return with(data)
	}
	for name, c := range map[string]struct {
		head []byte
		want orientation
	}{
		"alone":                        {photo(t, six), 6},
		"behind others":                {photo(t, segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")), segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00")), six), 6},
		"behind padding":               {photo(t, []byte{0xff, 0xff, 0xff}, six), 6},
		"behind stray bytes":           {photo(t, []byte{0xff, 0, 7, 0xff, 0xd3}, six), 6},
		"the first of two":             {photo(t, six, exif(binary.BigEndian, 3, 3)), 6},
		"none":                         {photo(t), 1},
		"of another segment":           {photo(t, append([]byte{0xff, 0xe2}, six[2:]...)), 1},
		"after the scan's start":       {slices.Concat([]byte{0xff, 0xd8}, segment(0xda, nil), six), 1},
		"orientation 0":                {photo(t, exif(binary.LittleEndian, 3, 0)), 1},
		"orientation 9":                {photo(t, exif(binary.BigEndian, 3, 9)), 1},
		"a huge orientation":           {photo(t, exif(binary.BigEndian, 4, 1<<32-1)), 1},
		"two orientations":             {with(tiff(binary.LittleEndian, 0x112, 3, 2, 6)), 1},
		"orientation as text":          {with(tiff(binary.LittleEndian, 0x112, 2, 1, 6)), 1},
		"another tag":                  {with(tiff(binary.LittleEndian, 0x113, 3, 1, 6)), 1},
		"no byte order":                {edit(0, 'X', 'X'), 1},
		"another version":              {edit(2, 43), 1},
		"a directory beyond the end":   {edit(4, 255, 255, 255, 255), 1},
		"a directory at the last byte": {edit(4, 49), 1},
		"a directory of zeros":         {edit(4, 8), 1},
		"too many entries":             {edit(12, 255, 255), 6},
		"no entries":                   {edit(12, 0, 0), 1},
		"no data":                      {with(nil), 1},
		"a segment beyond the end":     {[]byte{0xff, 0xd8, 0xff, 0xe1, 255, 255, 'E', 'x', 'i', 'f', 0, 0}, 1},
		"a segment without a length":   {[]byte{0xff, 0xd8, 0xff, 0xe1, 0, 1, 0, 0}, 1},
		"nothing":                      {nil, 1},
	} {
		if got := jpegOrientation(c.head); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	head := photo(t, six)
	for n := range head {
		if got := jpegOrientation(head[:n]); got != upright && n < 2+len(six) {
			t.Errorf("%d bytes: got %d", n, got)
		}
	}
}
