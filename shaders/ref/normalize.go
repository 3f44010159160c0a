package ref

// Normalize turns the bytes of n images, (n, h, w, c), into maps (n, c, h, w). Twin of
// normalize.wgsl.
//
//	y[n,c,h,w] = (images[n,h,w,c]/255 - mean[c]) / std[c]
func Normalize(images []byte, n, h, w, c int, mean, std []float64) (y []float64) {
	y = make([]float64, n*c*h*w)
	for i, value := range images {
		image, pixel, channel := i/(h*w*c), i/c%(h*w), i%c
		y[(image*c+channel)*(h*w)+pixel] = (float64(value)/255 - mean[channel]) / std[channel]
	}
	return y
}
