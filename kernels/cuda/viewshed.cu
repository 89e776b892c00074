// Exact viewsheds: one thread a target, which walks its sight line past a pyramid of maxima.
// In double equal to cpu/viewshed_walk.py to the bit, which gives the reasons; in float for speed: heights relative to
// the eye, places on the grid by whole numbers in 1/256 cell, and wider margins where blocks are passed over.
// Everywhere: q: 15 numbers an eye: row, col, height, target, width, length, bend, most, least, from east, from north,
// to east, to north, low, high, as in kernels/sight.py; levels: place and width of each level of tops, the first unused.

#define NEVER (-1e30)
#define ALWAYS 1e30
#define UNITS 256

// Maxima of blocks of 2 × 2 squares between centres; a cell without data counts as `holes`.
extern "C" __global__ void cm_view_lowest(const float* z, int rows, int cols, float holes, int high, int wide, float* tops) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)high * wide) return;
    int r = 2 * (int)(i / wide), c = 2 * (int)(i % wide);
    float top = (float)NEVER;
    for (int y = r; y < r + 3 && y < rows; y++) {
        for (int x = c; x < c + 3 && x < cols; x++) {
            float h = z[(long long)y * cols + x];
            h = h == h ? h : holes;
            top = h > top ? h : top;
        }
    }
    tops[i] = top;
}

// Maxima of 2 × 2 blocks.
extern "C" __global__ void cm_view_higher(const float* below, int rows, int cols, int high, int wide, float* tops) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)high * wide) return;
    int r = 2 * (int)(i / wide), c = 2 * (int)(i % wide);
    float top = (float)NEVER;
    for (int y = r; y < r + 2 && y < rows; y++) {
        for (int x = c; x < c + 2 && x < cols; x++) {
            float h = below[(long long)y * cols + x];
            top = h > top ? h : top;
        }
    }
    tops[i] = top;
}

struct Ground {
    const float *z, *tops;
    const long long* levels;
    int top, rows, cols, holes;
};

// One direction of a line: the centre at or behind the eye, the way on, places of a step in z, cells there are, how far
// the eye stands beyond the centre and how far the line runs; `lag` and `run` the same in 1/256 cell.
template <class real> struct Way {
    int base, step, size;
    long long stride;
    real off, span;
    long long lag, run;
};

template <class real> struct Line {
    real level, drop;  // of the target above the eye; bend times the square of the length
    double datum;
    float high, low;  // the datum in two parts
};

__device__ __forceinline__ double lesser(double a, double b) { return b < a ? b : a; }
__device__ __forceinline__ float lesser(float a, float b) { return b < a ? b : a; }
__device__ __forceinline__ double greater(double a, double b) { return b > a ? b : a; }
__device__ __forceinline__ float greater(float a, float b) { return b > a ? b : a; }
__device__ __forceinline__ double down(double a) { return floor(a); }
__device__ __forceinline__ float down(float a) { return floorf(a); }
__device__ __forceinline__ double margin(double, double) { return 1e-6; }
__device__ __forceinline__ float margin(float goal, float drop) {
    return 1e-3f + 1e-6f * (fabsf(goal) + drop);
}
// Cells by which a line's place may be off when blocks are looked up.
__device__ __forceinline__ double near(double) { return 1e-6; }
__device__ __forceinline__ float near(float) { return 1e-2f; }

template <class real> __device__ __forceinline__ Way<real> way(double eye, double target, int size, long long stride) {
    Way<real> w;
    w.step = target >= eye ? 1 : -1;
    double base = target >= eye ? floor(eye) : ceil(eye);
    w.base = (int)base;
    w.off = (real)(target >= eye ? eye - base : base - eye);
    w.span = (real)fabs(target - eye);
    w.size = size;
    w.stride = stride;
    w.lag = (long long)floor((double)w.off * UNITS + 0.5);
    w.run = (long long)floor((double)w.span * UNITS + 0.5);
    return w;
}

// What the target needs above the eye to clear line k of the grid along `a`, NEVER if the line to `level` clears it.
__device__ __forceinline__ double need(const Ground& g, const Way<double>& a, const Way<double>& b, long long k,
                                       const Line<double>& l) {
    double n = k - a.off, place = b.off * a.span + b.span * n;
    double cell = floor(place / a.span), part = place - cell * a.span;
    if (part < 0) { cell -= 1; part += a.span; }
    else if (part >= a.span) { cell += 1; part -= a.span; }
    long long c = b.base + b.step * (long long)cell;
    if (c < 0 || c >= b.size) return NEVER;
    long long at = (a.base + a.step * k) * a.stride + c * b.stride;
    double h = g.z[at], above = (h - l.datum) * a.span;
    if (part > 0) {
        if (c + b.step < 0 || c + b.step >= b.size) return NEVER;
        above += ((double)g.z[at + b.step * b.stride] - h) * part;
    }
    if (above != above) return g.holes ? ALWAYS : NEVER;
    double rest = a.span - n;
    return above > l.level * n - l.drop * n * rest / a.span ? above / n + l.drop * (rest / a.span) : NEVER;
}

__device__ __forceinline__ float need(const Ground& g, const Way<float>& a, const Way<float>& b, long long k,
                                      const Line<float>& l) {
    long long n = k * UNITS - a.lag, whole = UNITS * a.run, place = b.lag * a.run + b.run * n;
    long long cell = (long long)((float)place / (float)whole), part = place - cell * whole;
    while (part < 0) { cell--; part += whole; }
    while (part >= whole) { cell++; part -= whole; }
    long long c = b.base + b.step * cell;
    if (c < 0 || c >= b.size) return (float)NEVER;
    long long at = (a.base + a.step * k) * a.stride + c * b.stride;
    float h = (g.z[at] - l.high) - l.low;
    if (part > 0) {
        if (c + b.step < 0 || c + b.step >= b.size) return (float)NEVER;
        h += (((g.z[at + b.step * b.stride] - l.high) - l.low) - h) * ((float)part / (float)whole);
    }
    if (h != h) return g.holes ? (float)ALWAYS : (float)NEVER;
    float t = (float)n / (float)a.run, rest = (float)(a.run - n) / (float)a.run;
    return h > l.level * t - l.drop * t * rest ? h / t + l.drop * rest : (float)NEVER;
}

// Whether a block's tops lie below the bound, which is above the eye.
__device__ __forceinline__ bool below(float top, double bound, const Line<double>& l) { return top < l.datum + bound; }
__device__ __forceinline__ bool below(float top, float bound, const Line<float>& l) {
    return (top - l.high) - l.low < bound;
}

template <class real>
__device__ real greatest_need(const Ground& g, double row, double col, double to_row, double to_col, double far,
                              double bend, double datum, double level, double known, int codes) {
    int turned = fabs(to_col - col) > fabs(to_row - row);
    Way<real> rows = way<real>(row, to_row, g.rows, g.cols), cols = way<real>(col, to_col, g.cols, 1);
    Way<real> a = turned ? cols : rows, b = turned ? rows : cols;
    Line<real> l;
    l.level = (real)level;
    l.drop = (real)(bend * far);
    l.datum = datum;
    l.high = (float)datum;
    l.low = (float)(datum - l.high);
    if (a.span == 0) return (real)NEVER;
    long long count = (long long)ceil((double)a.span + (double)a.off);
    long long broad = (long long)ceil((double)b.span + (double)b.off);
    real slope = b.span / a.span, tiny = near((real)0), most = (real)NEVER;
    real goal = greater(l.level, (real)known);
    long long k = a.step > 0 ? -a.base : a.base - (a.size - 1);
    if (k < 0) k = 0;
    long long stop = a.step > 0 ? a.size - 1 - a.base : a.base;
    if (count < stop) stop = count;
    if (k > 0 && k < count) most = need(g, a, b, k, l);
    int up = 3;
    while (k < stop) {
        long long line = a.step > 0 ? a.base + k : a.base - k - 1, side = a.step > 0 ? line : line + 1;
        if (up > g.top) up = g.top;
        while (up > 0 && (side & ((1ll << up) - 1))) up--;
        for (; up > 0; up--) {
            long long end = k + (1ll << up) < count ? k + (1ll << up) : count;
            real n0 = greater((real)k - a.off, (real)0), n1 = lesser((real)end - a.off, a.span);
            real t0 = n0 / a.span, t1 = n1 / a.span;
            real bound = lesser(goal * t0 - l.drop * t0 * (1 - t0), goal * t1 - l.drop * t1 * (1 - t1));
            bound -= l.drop * (t1 - t0) * (t1 - t0) * (real)0.25 + margin(goal, l.drop);
            long long first = (long long)down(b.off + slope * n0 - tiny), last = (long long)down(b.off + slope * n1 + tiny);
            long long lo = b.step > 0 ? b.base + first : b.base - last - 1;
            long long hi = b.step > 0 ? b.base + last : b.base - first - 1;
            int edge = b.size > 1 ? b.size - 2 : 0;
            lo = (lo < 0 ? 0 : lo) >> up;
            hi = (hi > edge ? edge : hi) >> up;
            long long at = g.levels[2 * up], wide = g.levels[2 * up + 1], band = line >> up;
            bool clear = true;
            for (long long c = lo; clear && c <= hi; c++) {
                clear = below(g.tops[at + (turned ? c * wide + band : band * wide + c)], bound, l);
            }
            if (clear) break;
        }
        if (up > 0) {
            k += 1ll << up;
            up++;
            continue;
        }
        if (k + 1 < count && (real)(k + 1) - a.off > 0) most = greater(most, need(g, a, b, k + 1, l));
        real n0 = greater((real)k - a.off, (real)0), n1 = lesser((real)(k + 1) - a.off, a.span);
        long long first = (long long)down(b.off + slope * n0 - tiny) + 1;
        long long last = -(long long)down(-(b.off + slope * n1 + tiny)) - 1;
        if (first < 1) first = 1;
        if (last > broad - 1) last = broad - 1;
        for (long long m = first; m <= last; m++) {
            long long c = b.base + b.step * m;
            if (c >= 0 && c < b.size) most = greater(most, need(g, b, a, m, l));
        }
        if (most > (real)NEVER) {
            if (codes) return (real)ALWAYS;
            goal = greater(goal, most);
        }
        k++;
        up = 1;
    }
    return most;
}

// Whether a target lies within the limits: metres south and east of the eye, distance squared, metres above it. The
// cell in which the eye stands is always seen, unless what is near does not count.
__device__ __forceinline__ bool within(const double* q, int turn, int pitched, double south, double east, double far,
                                       double level) {
    if (far < q[8]) return false;
    double tall = 0.5 * q[5], wide = 0.5 * q[4];
    if (-tall < south && south <= tall && -wide < east && east <= wide) return true;
    if (far > q[7]) return false;
    if (turn) {
        bool after = q[10] * east + q[9] * south >= 0, before = -south * q[11] - east * q[12] >= 0;
        if (!(turn == 1 ? after && before : after || before)) return false;
    }
    if (pitched) {
        double rise = level - q[6] * far, away = sqrt(far);
        return q[13] * away <= rise && rise <= q[14] * away;
    }
    return true;
}

// 0 where there is data within the limits, NaN elsewhere.
extern "C" __global__ void cm_view_limits(const float* z, int rows, int cols, const double* q, int turn, int pitched,
                                          float* out) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)rows * cols) return;
    double south = ((int)(i / cols) - q[0]) * q[5], east = ((int)(i % cols) - q[1]) * q[4];
    double level = z[i] + q[3] - q[2];
    bool there = z[i] == z[i] && within(q, turn, pitched, south, east, south * south + east * east, level);
    out[i] = there ? 0.0f : __uint_as_float(0x7fc00000u);
}

// 0 hidden, 1 seen, 254 no data, 255 out of range.
template <class real>
__device__ __forceinline__ int code(const Ground& g, const double* q, int turn, int pitched, long long i) {
    int r = (int)(i / g.cols), c = (int)(i % g.cols);
    double surface = g.z[i], south = (r - q[0]) * q[5], east = (c - q[1]) * q[4];
    double far = south * south + east * east, level = surface + q[3] - q[2];
    if (surface != surface) return 254;
    if (!within(q, turn, pitched, south, east, far, level)) return 255;
    return greatest_need<real>(g, q[0], q[1], r, c, far, q[6], q[2], level, NEVER, 1) > (real)NEVER ? 0 : 1;
}

__device__ __forceinline__ Ground ground_of(const float* z, const float* tops, const long long* levels, int top, int rows,
                                            int cols, int holes) {
    Ground g = {z, tops, levels, top, rows, cols, holes};
    return g;
}

extern "C" __global__ void cm_view_codes(const float* z, const float* tops, const long long* levels, int top, int rows,
                                         int cols, int holes, const double* q, int turn, int pitched, int exact,
                                         unsigned char* out) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)rows * cols) return;
    Ground g = ground_of(z, tops, levels, top, rows, cols, holes);
    out[i] = (unsigned char)(exact ? code<double>(g, q, turn, pitched, i) : code<float>(g, q, turn, pitched, i));
}

// Adds up how many of the eyes see each cell; exact: (eyes,) whether the eye needs double.
extern "C" __global__ void cm_view_count(const float* z, const float* tops, const long long* levels, int top, int rows,
                                         int cols, int holes, const double* q, int turn, int pitched, const int* exact,
                                         int eyes, unsigned int* out) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)rows * cols) return;
    Ground g = ground_of(z, tops, levels, top, rows, cols, holes);
    unsigned int seen = 0;
    for (int e = 0; e < eyes; e++) {
        const double* one = q + 15 * e;
        seen += (exact[e] ? code<double>(g, one, turn, pitched, i) : code<float>(g, one, turn, pitched, i)) == 1;
    }
    out[i] += seen;
}

// Least height above `ground` that is seen; cells that hold NaN already stay.
extern "C" __global__ void cm_view_height(const float* z, const float* tops, const long long* levels, int top, int rows,
                                          int cols, int holes, const double* q, const float* ground, float* out) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)rows * cols || out[i] != out[i]) return;
    Ground g = ground_of(z, tops, levels, top, rows, cols, holes);
    int r = (int)(i / cols), c = (int)(i % cols);
    double south = (r - q[0]) * q[5], east = (c - q[1]) * q[4], level = (double)ground[i] - q[2];
    double far = south * south + east * east;
    double most = greatest_need<double>(g, q[0], q[1], r, c, far, q[6], q[2], level, NEVER, 0);
    out[i] = most >= ALWAYS ? (float)most * (float)most : (float)greater(most - level, 0.0);
}

// Least height of an eye at the place q that sees the target over each cell, no lower than `floor_height`.
extern "C" __global__ void cm_view_rise(const float* z, const float* tops, const long long* levels, int top, int rows,
                                        int cols, int holes, const double* q, double floor_height, float* out) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)rows * cols || out[i] != out[i]) return;
    Ground g = ground_of(z, tops, levels, top, rows, cols, holes);
    int r = (int)(i / cols), c = (int)(i % cols);
    double south = (r - q[0]) * q[5], east = (c - q[1]) * q[4], target = (double)z[i] + q[3];
    double far = south * south + east * east, level = floor_height - target;
    double most = greatest_need<double>(g, r, c, q[0], q[1], far, q[6], target, level, NEVER, 0);
    double rise = most <= NEVER ? floor_height : greater(target + most, floor_height);
    out[i] = most >= ALWAYS ? (float)most * (float)most : (float)rise;
}
