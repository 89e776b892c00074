// The line sweep of a sun position over a surface: one thread a line, whole-number heights in 1/65536 m.
// Equal to cpu/shadow.py to the bit: every step is integer arithmetic.

#define HOLE (-536870912)

// Heights as whole units, one column of holes on either side; `bad` counts heights that do not fit.
extern "C" __global__ void cm_shadow_fixed(const float* dsm, int rows, int cols, int transposed, int* out, int* bad) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)rows * cols) return;
    int r = (int)(i / cols), c = (int)(i % cols);
    float z = dsm[i];
    int units = HOLE;
    if (fabsf(z) < 8000.0f) {
        units = (int)floor((double)z * 65536.0 + 0.5);
    } else if (z == z) {
        atomicAdd(bad, 1);
    }
    if (transposed) out[(long long)c * (rows + 2) + r + 1] = units;
    else out[(long long)r * (cols + 2) + c + 1] = units;
}

// One line of one sun position a thread, positions along the grid's y.
// table: positions × 4 × rows: offset, side, fraction, drop; lines: positions × 3: first line, count, reverse.
extern "C" __global__ void cm_shadow_sweep(const int* z, int rows, int cols, const int* table, const int* lines,
                                           int wall, int lift, unsigned char* out) {
    int p = blockIdx.y;
    int n = blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= lines[p * 3 + 1]) return;
    int line = lines[p * 3] + n;
    int reverse = lines[p * 3 + 2];
    const int* offset = table + (long long)p * 4 * rows;
    const int* side = offset + rows;
    const int* fraction = side + rows;
    const int* drop = fraction + rows;
    out += (long long)p * rows * cols;
    int highest = HOLE, before = HOLE;
    for (int k = 0; k < rows; k++) {
        int j = line + offset[k];
        if (j < 0 || j >= cols) continue;
        int r = reverse ? rows - 1 - k : k;
        const int* here = z + (long long)r * (cols + 2) + 1 + j;
        int own = here[0];
        int aside = here[side[k]] - own;
        if (aside > wall || aside < -wall) aside = 0;
        int at = own + ((aside * fraction[k]) >> 10);
        int edge = before - at > wall ? before + (drop[k] >> 1) : before;
        highest = (edge > highest ? edge : highest) - drop[k];
        before = at;
        out[(long long)r * cols + j] = own == HOLE ? 255 : (at - highest + lift >= 0 ? 0 : 1);
    }
}
