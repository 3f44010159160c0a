package ref

// Normalize turns the bytes of n images, (n, c, h, w), into maps of the same shape. Twin of
// normalize.wgsl.
//
//	y[n,c,h,w] = (images[n,c,h,w]/255 - mean[c]) / std[c]
func Normalize(images []byte, n, h, w, c int, mean, std []float64) (y []float64) {
	y = make([]float64, n*c*h*w)
	for i, value := range images {
		channel := i / (h * w) % c
		y[i] = (float64(value)/255 - mean[channel]) / std[channel]
	}
	return y
}
