package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation says where a camera stores a picture's top and left, by the numbers of Exif:
//
//	number    1    2     3      4      5    6     7      8
//	row 0     top  top   bottom bottom left right right  left
//	column 0  left right right  left   top  top   bottom bottom
type orientation int

// upright is the orientation of a picture that needs no turn.
const upright orientation = 1

// across tells whether a row that is seen is stored as a column.
func (o orientation) across() bool { return o >= 5 }

// fromRight tells whether what is seen begins at the stored picture's last column.
func (o orientation) fromRight() bool { return o == 2 || o == 3 || o == 7 || o == 8 }

// fromBottom tells whether what is seen begins at the stored picture's last row.
func (o orientation) fromBottom() bool { return o == 3 || o == 4 || o == 6 || o == 7 }

// stored returns the size at which a picture is stored that is seen at size, and the other
// way round.
func (o orientation) stored(size image.Point) image.Point {
	if o.across() {
		return image.Pt(size.Y, size.X)
	}
	return size
}

// turn returns a stored picture the way up that its camera saw it.
func (o orientation) turn(m *image.RGBA) *image.RGBA {
	if o == upright {
		return m
	}
	size := m.Rect.Size()
	turned := image.NewRGBA(image.Rectangle{Max: o.stored(size)})
	for y := range turned.Rect.Max.Y {
		for x := range turned.Rect.Max.X {
			column, row := x, y
			if o.across() {
				column, row = y, x
			}
			if o.fromRight() {
				column = size.X - 1 - column
			}
			if o.fromBottom() {
				row = size.Y - 1 - row
			}
			copy(turned.Pix[turned.PixOffset(x, y):][:4], m.Pix[m.PixOffset(column, row):])
		}
	}
	return turned
}

// jpegOrientation returns the orientation that the Exif data in a JPEG's head tell. A head
// without such data, or with broken ones, is upright.
func jpegOrientation(head []byte) orientation {
	const scan, app1, restart = 0xda, 0xe1, 0xd0
	for i := 2; i+4 <= len(head); {
		if head[i] != 0xff || head[i+1] == 0xff || head[i+1] == 0 { // decoders pass over such bytes too
			i++
			continue
		}
		marker, length := head[i+1], int(binary.BigEndian.Uint16(head[i+2:]))
		if marker&^7 == restart { // which has no length
			i += 2
			continue
		}
		segment := head[i+4:]
		if marker == scan || length < 2 || length-2 > len(segment) {
			break
		}
		segment = segment[:length-2]
		if exif, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && marker == app1 {
			return exifOrientation(exif)
		}
		i += 2 + length
	}
	return upright
}

// exifOrientation returns the orientation in Exif data, which have the format of TIFF: a
// byte order, and the place of a directory with entries of 12 bytes.
func exifOrientation(exif []byte) orientation {
	const head, entry, tag, short, long = 8, 12, 0x112, 3, 4
	if len(exif) < head {
		return upright
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := order.Uint32(exif[4:])
	if uint64(at)+2 > uint64(len(exif)) {
		return upright
	}
	directory := exif[at:]
	count := min(int(order.Uint16(directory)), (len(directory)-2)/entry)
	for i := range count {
		e := directory[2+i*entry:]
		kind := order.Uint16(e[2:])
		if order.Uint16(e) != tag || kind != short && kind != long || order.Uint32(e[4:]) != 1 {
			continue
		}
		value := uint32(order.Uint16(e[8:]))
		if kind == long {
			value = order.Uint32(e[8:])
		}
		if value >= 1 && value <= 8 {
			return orientation(value)
		}
	}
	return upright
}
