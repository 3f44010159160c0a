package raster

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera stores a picture, by the numbers of Exif. The table shows which
// side of the scene the stored row 0 and column 0 are:
//
//	number    1    2     3      4      5    6     7      8
//	row 0     top  top   bottom bottom left right right  left
//	column 0  left right right  left   top  top   bottom bottom
type orientation int

// upright is the orientation of a picture that need not be turned.
const upright orientation = 1

// across reports whether a row of the scene is stored as a column.
func (o orientation) across() bool { return o >= 5 }

// fromRight reports whether the scene begins at the last stored column.
func (o orientation) fromRight() bool { return o == 2 || o == 3 || o == 7 || o == 8 }

// fromBottom reports whether the scene begins at the last stored row.
func (o orientation) fromBottom() bool { return o == 3 || o == 4 || o == 6 || o == 7 }

// stored returns the stored size of a picture of the given size, and the reverse.
func (o orientation) stored(size image.Point) image.Point {
	if o.across() {
		return image.Pt(size.Y, size.X)
	}
	return size
}

// middle returns the largest part in the middle of a stored picture that has the proportions of a
// stored size, in whole pixels. If one pixel more is left on one side than on the other, it is the
// right or the lower side of the scene.
func (o orientation) middle(whole image.Rectangle, size image.Point) image.Rectangle {
	part := whole.Size()
	if part.X*size.Y > part.Y*size.X {
		part.X = max(1, (2*part.Y*size.X+size.Y)/(2*size.Y))
	} else {
		part.Y = max(1, (2*part.X*size.Y+size.X)/(2*size.X))
	}
	rest := whole.Size().Sub(part)
	at := rest.Div(2)
	if o.fromRight() {
		at.X = rest.X - at.X
	}
	if o.fromBottom() {
		at.Y = rest.Y - at.Y
	}
	return image.Rectangle{Max: part}.Add(whole.Min.Add(at))
}

// turn returns a stored picture upright.
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

// jpegOrientation returns the orientation in the Exif data of a JPEG's head. Without Exif data,
// or with broken data, it returns upright.
func jpegOrientation(head []byte) orientation {
	const scan, app1, restart = 0xda, 0xe1, 0xd0
	for i := 2; i+4 <= len(head); {
		if head[i] != 0xff || head[i+1] == 0xff || head[i+1] == 0 { // decoders skip such bytes too
			i++
			continue
		}
		marker, length := head[i+1], int(binary.BigEndian.Uint16(head[i+2:]))
		if marker&^7 == restart { // a restart marker has no length
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

// exifOrientation returns the orientation in Exif data. Their format is TIFF's: a byte order,
// and the offset of a directory with entries of 12 bytes.
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
