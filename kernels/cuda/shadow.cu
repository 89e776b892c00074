// The line sweep of a sun position over a surface: one thread a line, whole-number heights in 1/65536 m.
// Equal to cpu/sweep.py, cpu/canopy.py and cpu/casters.py to the bit: every step is integer arithmetic.
// Everywhere: z, base, top have a column of holes on either side; combs of lines lie along the grid's y, one or two a
// position; table: combs × 5 × rows: offset, side, fraction, drop, decides; lines: combs × 4: first line, count, reverse,
// position.

#define HOLE (-536870912)
#define CAPACITY 8
// kernels/lines.py has the reason.
#define CORNER 448
#define NEVER 1073741824

// Heights as whole units; `bad` counts heights that do not fit.
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

// Move a line one step on: the running maximum above the ray, and the height here, which is returned.
__device__ __forceinline__ int step_on(const int* here, const int* step, int rows, int wall, int* highest, int* before,
                                       int* raised, int* jumps) {
    int own = here[0], fraction = step[2 * rows], drop = step[3 * rows];
    int aside = here[step[rows]] - own;
    *jumps = step[4 * rows] == 0 && fraction > CORNER && aside > wall && aside <= NEVER;
    int slope = aside > wall || aside < -wall ? 0 : (aside * fraction) >> 10;
    int at = own + (*jumps ? aside : slope);
    int edge = *before - at > wall ? *before + (drop >> 1) : *before;
    *raised = edge > *highest;
    *highest = (*raised ? edge : *highest) - drop;
    *before = at;
    return at;
}

// 0 sun, 1 shade, 255 no data.
extern "C" __global__ void cm_shadow_sweep(const int* z, int rows, int cols, const int* table, const int* lines,
                                           int wall, int lift, unsigned char* out) {
    int p = blockIdx.y;
    int n = blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= lines[p * 4 + 1]) return;
    int line = lines[p * 4] + n;
    int reverse = lines[p * 4 + 2];
    const int* offset = table + (long long)p * 5 * rows;
    out += (long long)lines[p * 4 + 3] * rows * cols;
    int highest = HOLE, before = HOLE, raised, jumps;
    for (int k = 0; k < rows; k++) {
        int j = line + offset[k];
        if (j < 0 || j >= cols) continue;
        int r = reverse ? rows - 1 - k : k;
        const int* here = z + (long long)r * (cols + 2) + 1 + j;
        int at = step_on(here, offset + k, rows, wall, &highest, &before, &raised, &jumps);
        if (offset[4 * rows + k]) {
            out[(long long)r * cols + j] = here[0] == HOLE ? 255 : (at - highest + lift >= 0 ? 0 : 1);
        }
    }
}

// For each shaded cell the owner of the cell that stands highest above its ray, -1 for nobody's; -2 lit, -3 no data.
extern "C" __global__ void cm_shadow_casters(const int* z, const int* owner, int rows, int cols, const int* table,
                                             const int* lines, int wall, int lift, int* out) {
    int p = blockIdx.y;
    int n = blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= lines[p * 4 + 1]) return;
    int line = lines[p * 4] + n;
    int reverse = lines[p * 4 + 2];
    const int* offset = table + (long long)p * 5 * rows;
    out += (long long)lines[p * 4 + 3] * rows * cols;
    int highest = HOLE, before = HOLE, raised, jumps, who = -1, whose = -1;
    for (int k = 0; k < rows; k++) {
        int j = line + offset[k];
        if (j < 0 || j >= cols) continue;
        int r = reverse ? rows - 1 - k : k;
        const int* here = z + (long long)r * (cols + 2) + 1 + j;
        int at = step_on(here, offset + k, rows, wall, &highest, &before, &raised, &jumps);
        if (raised) who = whose;
        int beside = j + offset[rows + k];
        whose = owner[(long long)r * cols + (jumps && beside >= 0 && beside < cols ? beside : j)];
        if (offset[4 * rows + k]) {
            out[(long long)r * cols + j] = here[0] == HOLE ? -3 : (at - highest + lift >= 0 ? -2 : who);
        }
    }
}

// Count each owner's shaded cells by zone: table owners × zones.
extern "C" __global__ void cm_shadow_count(const int* casters, int positions, const int* zone, int zones,
                                           long long cells, unsigned long long* table) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells || zone[i] < 0) return;
    for (int p = 0; p < positions; p++) {
        int who = casters[p * cells + i];
        if (who >= 0) atomicAdd(table + ((long long)who * zones + zone[i]), 1ull);
    }
}

// Add an interval to a line's n disjoint ones in ascending order; returns how many there are now. One too many closes
// the narrowest gap between two.
__device__ int remember(long long* lows, long long* highs, int n, long long low, long long high) {
    int i = 0;
    while (i < n && highs[i] < low) i++;
    int j = i;
    for (; j < n && lows[j] <= high; j++) {
        low = low < lows[j] ? low : lows[j];
        high = high > highs[j] ? high : highs[j];
    }
    if (j == i) {
        for (int g = n; g > i; g--) lows[g] = lows[g - 1], highs[g] = highs[g - 1];
        n++;
    } else {
        for (int g = j; g < n; g++) lows[g - j + i + 1] = lows[g], highs[g - j + i + 1] = highs[g];
        n -= j - i - 1;
    }
    lows[i] = low;
    highs[i] = high;
    if (n > CAPACITY) {
        int g = 0;
        for (i = 1; i < n - 1; i++) {
            if (lows[i + 1] - highs[i] < lows[g + 1] - highs[g]) g = i;
        }
        highs[g] = highs[g + 1];
        for (i = g + 1; i < n - 1; i++) lows[i] = lows[i + 1], highs[i] = highs[i + 1];
        n--;
    }
    return n;
}

// 0 sun, 1 shade, 2 shade of leaves only, 255 no data. With the fall of the ray so far added to every height, rays are
// level: a crown is an interval that stays where it is. fall: positions × rows.
extern "C" __global__ void cm_shadow_canopy(const int* z, const int* base, const int* top, int rows, int cols,
                                            const int* table, const long long* fall, const int* lines, int wall,
                                            int lift, unsigned char* out) {
    int p = blockIdx.y;
    int n = blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= lines[p * 4 + 1]) return;
    int line = lines[p * 4] + n;
    int reverse = lines[p * 4 + 2];
    const int* offset = table + (long long)p * 5 * rows;
    fall += (long long)p * rows;
    out += (long long)lines[p * 4 + 3] * rows * cols;
    int highest = HOLE, before = HOLE, raised, jumps;
    // The crown being passed: underside and top of its last sample, and its interval so far; then the known intervals.
    long long under = HOLE, over = HOLE, low = 0, high = 0;
    long long lows[CAPACITY + 1], highs[CAPACITY + 1];
    int known = 0;
    for (int k = 0; k < rows; k++) {
        int j = line + offset[k];
        if (j < 0 || j >= cols) continue;
        int r = reverse ? rows - 1 - k : k;
        long long cell = (long long)r * (cols + 2) + 1 + j;
        int side = offset[rows + k], fraction = offset[2 * rows + k], drop = offset[3 * rows + k];
        int at = step_on(z + cell, offset + k, rows, wall, &highest, &before, &raised, &jumps);
        int decides = offset[4 * rows + k];
        int code = z[cell] == HOLE ? 255 : (at - highest + lift >= 0 ? 0 : 1);
        long long half = drop >> 1, ground = highest + fall[k];
        long long low_leaf = base[cell], high_leaf = top[cell];
        int leafy = low_leaf != HOLE && high_leaf >= low_leaf;
        if (leafy) {
            long long low_aside = base[cell + side], high_aside = top[cell + side];
            if (low_aside != HOLE && high_aside >= low_aside && high_aside >= low_leaf && low_aside <= high_leaf) {
                low_leaf += ((low_aside - low_leaf) * fraction) >> 10;
                high_leaf += ((high_aside - high_leaf) * fraction) >> 10;
            }
        }
        int passing = under != HOLE;
        if (passing && !(leafy && over >= low_leaf && under <= high_leaf)) {
            long long end = over + fall[k] - drop + half;
            known = remember(lows, highs, known, low, high > end ? high : end);
            passing = 0;
        }
        if (leafy) {
            long long lower = low_leaf + fall[k], higher = high_leaf + fall[k];
            low = !passing ? lower - half : (low < lower ? low : lower);
            high = !passing || high < higher ? higher : high;
            under = low_leaf;
            over = high_leaf;
        } else {
            under = HOLE;
        }
        // Whatever lies below the surface's ray is in full shade from here on.
        int gone = 0;
        while (gone < known && highs[gone] < ground) gone++;
        if (gone > 0) {
            for (int g = gone; g < known; g++) lows[g - gone] = lows[g], highs[g - gone] = highs[g];
            known -= gone;
        }
        if (decides && code == 0) {
            long long eye = (long long)at + lift + fall[k];
            int shaded = leafy && low <= eye && eye <= high;
            for (int g = 0; g < known; g++) shaded |= lows[g] <= eye && eye <= highs[g];
            if (shaded) code = 2;
        }
        if (decides) out[(long long)r * cols + j] = (unsigned char)code;
    }
}
