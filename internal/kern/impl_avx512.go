//go:build amd64 && !noasm

package kern

// avx512 is the implementation for x86 with AVX-512 F, BW, DQ and VL. What gains
// nothing from wider registers stays with AVX2: sums are bound by the latency
// of their sixteen lanes, extremes by that of their comparisons.
func avx512() *Impl {
	k := avx2()
	k.Name = "avx512"
	k.unary = [numUnary]func(dst, x []float32){
		Neg:      negAVX512,
		Abs:      absAVX512,
		Sign:     signAVX512,
		Floor:    floorAVX512,
		Sqrt:     sqrtAVX512,
		Recip:    recipAVX512,
		Square:   squareAVX512,
		Relu:     reluAVX512,
		Exp:      expAVX512,
		Expm1:    expm1AVX512,
		Log:      logAVX512,
		Log1p:    log1pAVX512,
		Tanh:     tanhAVX512,
		Sigmoid:  sigmoidAVX512,
		Softplus: softplusAVX512,
		Erf:      erfAVX512,
		Sin:      sinAVX512,
		Cos:      cosAVX512,
	}
	k.binary = [numBinary]func(dst, x, y []float32){
		Add:      addAVX512,
		Sub:      subAVX512,
		Mul:      mulAVX512,
		Div:      divAVX512,
		Max:      maxAVX512,
		Min:      minAVX512,
		Less:     lessAVX512,
		LessEq:   lessEqAVX512,
		Equal:    equalAVX512,
		NotEqual: notEqualAVX512,
		And:      andAVX512,
		Or:       orAVX512,
	}
	k.scalarRight = [numBinary]func(dst, x []float32, s float32){
		Add:      addRightAVX512,
		Sub:      subRightAVX512,
		Mul:      mulRightAVX512,
		Div:      divRightAVX512,
		Max:      maxRightAVX512,
		Min:      minRightAVX512,
		Less:     lessRightAVX512,
		LessEq:   lessEqRightAVX512,
		Equal:    equalRightAVX512,
		NotEqual: notEqualRightAVX512,
		And:      andRightAVX512,
		Or:       orRightAVX512,
	}
	k.scalarLeft = [numBinary]func(dst, x []float32, s float32){
		Add:      addLeftAVX512,
		Sub:      subLeftAVX512,
		Mul:      mulLeftAVX512,
		Div:      divLeftAVX512,
		Max:      maxLeftAVX512,
		Min:      minLeftAVX512,
		Less:     lessLeftAVX512,
		LessEq:   lessEqLeftAVX512,
		Equal:    equalLeftAVX512,
		NotEqual: notEqualLeftAVX512,
		And:      andLeftAVX512,
		Or:       orLeftAVX512,
	}
	k.sel = selectAVX512
	k.not = notAVX512
	k.boolToFloat = boolToFloatAVX512
	k.toFloat = toFloatAVX512
	k.toInt = toIntAVX512
	k.fill = fillAVX512
	k.philox = fillPhiloxAVX512
	k.uniform = fillUniformAVX512
	return k
}
