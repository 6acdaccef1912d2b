package kern

//go:generate go -C gen run ./gemm -out ../gemm_amd64.s -stubs ../zz_gemm_amd64.go -pkg kern
