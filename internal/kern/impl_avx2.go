//go:build amd64 && !noasm

package kern

// avx2 is the implementation for x86 with AVX2 and FMA.
func avx2() *Impl {
	k := portable()
	k.Name = "avx2"
	k.gemm, k.columns, k.reserve, k.pack = avx2Kernels.gemm, avx2Kernels.columns, avx2Kernels.reserve, packPanel
	k.push = pushAVX2
	k.tape = tapeAVX2
	k.convTile, k.convPairs = avx2ConvTile, avx2ConvPairs
	k.convDepth, k.convDepthPairs = avx2ConvDepth, avx2ConvDepthPairs
	k.fma = func(turns int) float64 {
		fmaPeak(turns)
		return float64(turns) * 12 * 16 // multiply-adds of eight floats
	}
	k.unary = [numUnary]func(dst, x []float32){
		Neg:      negAVX2,
		Abs:      absAVX2,
		Sign:     signAVX2,
		Floor:    floorAVX2,
		Sqrt:     sqrtAVX2,
		Recip:    recipAVX2,
		Square:   squareAVX2,
		Relu:     reluAVX2,
		Exp:      expAVX2,
		Expm1:    expm1AVX2,
		Log:      logAVX2,
		Log1p:    log1pAVX2,
		Tanh:     tanhAVX2,
		Sigmoid:  sigmoidAVX2,
		Softplus: softplusAVX2,
		Erf:      erfAVX2,
		Sin:      sinAVX2,
		Cos:      cosAVX2,
	}
	k.binary = [numBinary]func(dst, x, y []float32){
		Add:      addAVX2,
		Sub:      subAVX2,
		Mul:      mulAVX2,
		Div:      divAVX2,
		Max:      maxAVX2,
		Min:      minAVX2,
		Less:     lessAVX2,
		LessEq:   lessEqAVX2,
		Equal:    equalAVX2,
		NotEqual: notEqualAVX2,
		And:      andAVX2,
		Or:       orAVX2,
	}
	k.scalarRight = [numBinary]func(dst, x []float32, s float32){
		Add:      addRightAVX2,
		Sub:      subRightAVX2,
		Mul:      mulRightAVX2,
		Div:      divRightAVX2,
		Max:      maxRightAVX2,
		Min:      minRightAVX2,
		Less:     lessRightAVX2,
		LessEq:   lessEqRightAVX2,
		Equal:    equalRightAVX2,
		NotEqual: notEqualRightAVX2,
		And:      andRightAVX2,
		Or:       orRightAVX2,
	}
	k.scalarLeft = [numBinary]func(dst, x []float32, s float32){
		Add:      addLeftAVX2,
		Sub:      subLeftAVX2,
		Mul:      mulLeftAVX2,
		Div:      divLeftAVX2,
		Max:      maxLeftAVX2,
		Min:      minLeftAVX2,
		Less:     lessLeftAVX2,
		LessEq:   lessEqLeftAVX2,
		Equal:    equalLeftAVX2,
		NotEqual: notEqualLeftAVX2,
		And:      andLeftAVX2,
		Or:       orLeftAVX2,
	}
	k.sel = selectAVX2
	k.not = notAVX2
	k.boolToFloat = boolToFloatAVX2
	k.toFloat = toFloatAVX2
	k.toInt = toIntAVX2
	k.fill = fillAVX2
	k.softplusSigmoid = softplusSigmoidAVX2
	k.flush = flushAVX2
	k.gate = gateAVX2
	k.lerp = lerpAVX2
	k.adam = adamStepAVX2
	k.sum = sumAVX2
	k.max = maxReduceAVX2
	k.min = minReduceAVX2
	k.sumRows = sumRowsAVX2
	k.maxRows = maxRowsAVX2
	k.dot, k.mulAdd, k.expSum = dotAVX2, mulAddAVX2, expSumAVX2
	k.standardize, k.standardizeGrad = standardizeAVX2, standardizeGradAVX2
	k.transpose, k.spread = transposeAVX2, spreadAllAVX2
	k.expSumColumns, k.softmaxGradColumns = expSumColumnsAVX2, softmaxGradColumnsAVX2
	k.mulRows = func(rows, cols int, dst []float32, ldd int, x []float32, ldx int, s float32) {
		mulRowsAVX2(rows, cols, &dst[0], 4*ldd, &x[0], 4*ldx, &s, 0)
	}
	k.divRows = func(rows, cols int, dst []float32, ldd int, x []float32, ldx int, s []float32) {
		divRowsAVX2(rows, cols, &dst[0], 4*ldd, &x[0], 4*ldx, &s[0], 4)
	}
	k.philox = fillPhiloxAVX2
	k.uniform = fillUniformAVX2
	return k
}

// avx2Kernels is tuned for 32 KiB of first and 512 KiB of second cache: a
// block of A takes up to 288 KiB of the second. A panel of B, up to 32 KiB, comes
// from the second as fast as it is used; longer chains save passes over C.
var avx2Kernels = microKernels{
	full:  []fullKernel{nil, gemmFull1x16, gemmFull2x16, gemmFull3x16, gemmFull4x16, gemmFull5x16, gemmFull6x16},
	edge:  []edgeKernel{nil, gemmEdge1, gemmEdge2, gemmEdge3, gemmEdge4, gemmEdge5, gemmEdge6},
	stair: []stairKernel{nil, gemmStair1, gemmStair2, gemmStair3, gemmStair4},
	wide:  []wideKernel{{}, {gemmFull1x96, 96}, {gemmFull2x48, 48}, {gemmFull3x32, 32}, {gemmFull4x24, 24}},

	edgeRows:   5,
	kc:         512,
	mc:         144,
	nc:         512,
	streamRows: 24,
	streamK:    64,
	add:        addAVX2,
}

// adamStepAVX2 chooses the kernel of a step.
func adamStepAVX2(p, m, v, g []float32, s AdamStep) {
	busy := uint32(1)
	if s.rests() {
		busy = 0
	}
	if s.Decayed {
		adamDecayAVX2(p, m, v, g, s.Keep1, s.Add1, s.Keep2, s.Add2, s.Correct1, s.Correct2, s.Epsilon, s.Rate, s.Decay, s.Least, busy)
		return
	}
	adamAVX2(p, m, v, g, s.Keep1, s.Add1, s.Keep2, s.Add2, s.Correct1, s.Correct2, s.Epsilon, s.Rate, 0, s.Least, busy)
}

// softplusSigmoidAVX2 leaves the exponential in s for both.
func softplusSigmoidAVX2(p, s, x []float32) {
	expDownAVX2(s, x)
	softplusOfAVX2(p, x, s)
	sigmoidOfAVX2(s, x, s)
}
