// What passes a face, and the slopes inside a cell: the same expressions in the same order as cpu/flow.py.

#define UNIT 5.9604644775390625e-08f
#define GRAVITY 9.81f
#define SHARE 0.24999f
#define TWO_THIRDS 0.6666666666666666f
#define HEAD 0.0509683995922528f
#define ROUNDED 1.001f

struct Face { int moved; float low, high, along; };
struct Side { float h, u, v; };

__device__ __forceinline__ float minmod(float a, float b) {
    float least = 0.5f * fminf(fabsf(a), fabsf(b));
    float with_sign = a > 0.0f ? least : -least;
    return a * b > 0.0f ? with_sign : 0.0f;
}

__device__ __forceinline__ float cube_root(float x) {
    float y = __uint_as_float(__float_as_uint(x) / 3u + 709921077u);
    y = y - (y * y * y - x) / (3.0f * y * y);
    return y - (y * y * y - x) / (3.0f * y * y);
}

// Depth with which slow water steps up onto a sill: see cpu/flow.py.
__device__ __forceinline__ float onto(float deep, float speed, float over) {
    float head = over + fminf(speed * speed * HEAD, 0.5f * over);
    float critical = TWO_THIRDS * head;
    float flow = deep * speed;
    float share = fminf(flow * flow / fmaxf(GRAVITY * critical * critical * critical, 1e-20f), 1.0f);
    float root = sqrtf(1.0f - share);
    float bend = ((((-0.00133637f * root + 0.00545479f) * root + -0.01188674f) * root + 0.02227653f) * root +
                  -0.05154942f) * root + 0.33333302f;
    return head - head * (1.0f - root) * bend;
}

// HLL flux with the bed's step taken out of the deeper side: see cpu/flow.py.
__device__ __forceinline__ Face flux(float hl, float ul, float vl, float hr, float ur, float vr, float rise, float step,
                                     float steepest, float* volume) {
    float thicker = hr - hl;
    float least = fminf(fabsf(rise), fabsf(thicker));
    float lesser = rise * thicker > 0.0f ? (rise > 0.0f ? least : -least) : 0.0f;
    float slack = fmaxf(fminf(hl, hr) - 8.0f * fabsf(step), 0.0f);
    float more = lesser + fmaxf(fminf(rise - lesser, slack), -slack);
    float pull = 0.5f * GRAVITY * fmaxf(fminf(rise - more, steepest), -steepest);
    int up = step > 0.0f, down = step < 0.0f;
    float a = up ? fmaxf(hr - more, 0.0f) : hl;
    float b = down ? fmaxf(hl + more, 0.0f) : hr;
    float deep = up ? hl : hr, toward = up ? ul : -ur, over = up ? a : b, speed = fabsf(toward);
    int slow = speed * speed < GRAVITY * deep;
    int climbs = slow && toward > 0.0f, falls = slow && toward < 0.0f && fabsf(step) > over;
    float thin = climbs ? onto(deep, speed, over) : over;
    more = more + (up ? a - thin : (down ? thin - b : 0.0f));
    a = up ? thin : a;
    b = down ? thin : b;
    float ca = sqrtf(GRAVITY * a), cb = sqrtf(GRAVITY * b);
    float fast = climbs || falls ? fminf(deep * speed / fmaxf(thin, 1e-20f), up ? ca : cb) : speed;
    float spare = climbs ? thin * fast * (fast - speed) : 0.0f;
    fast = toward > 0.0f ? fast : -fast;
    ul = up ? fast : ul;
    ur = down ? -fast : ur;
    float us = 0.5f * (ul + ur) + (ca - cb);
    float cs = fmaxf(0.5f * (ca + cb) + 0.25f * (ul - ur), 0.0f);
    float low = fminf(ul - ca, us - cs), high = fmaxf(ur + cb, us + cs);
    low = a <= 0.0f ? ur - 2.0f * cb : low;
    high = a <= 0.0f ? ur + cb : high;
    high = b <= 0.0f ? ul + 2.0f * ca : high;
    low = b <= 0.0f ? ul - ca : low;
    low = fminf(low, 0.0f);
    high = fmaxf(high, 0.0f);
    float inverse = 1.0f / (high - low + 1e-20f);
    float qa = a * ul, qb = b * ur;
    *volume = (high * qa - low * qb + low * high * more) * inverse;
    float pressure = 0.5f * GRAVITY * more * (a + b);
    float moved = high * (qa * ul) - low * (qb * ur) + low * high * (qb - qa);
    Face out;
    out.moved = 0;
    out.low = (moved - low * pressure) * inverse + pull * a - (up ? spare : 0.0f);
    out.high = (moved - high * pressure) * inverse - pull * b - (down ? spare : 0.0f);
    out.along = *volume * (*volume > 0.0f ? vl : vr);
    return out;
}

// One face; a wall on one side answers with what stands before it, mirrored. u across the face, v along it;
// flow_a, flow_b: speeds across it in the cells' middles, by which no cell gives more than it holds.
__device__ __forceinline__ Face face(int ha, int hb, float za, float zb, Side a, Side b, float lift, float tilt,
                                     float steepest, float k, float flow_a, float flow_b) {
    int left = ha < 0, right = hb < 0, wall = left | right;
    float dz = zb - za;
    float rise = (float)(int)((unsigned int)hb - (unsigned int)ha) * UNIT + dz + lift;
    rise = wall ? 0.0f : rise;
    float step = wall ? 0.0f : dz + tilt;
    float hl = left ? b.h : a.h, ul = left ? -b.u : a.u;
    float hr = right ? a.h : b.h, ur = right ? -a.u : b.u;
    float volume;
    Face out = flux(hl, ul, a.v, hr, ur, b.v, rise, step, steepest, &volume);
    float give = (float)ha * (SHARE + fmaxf(fminf(0.5f * flow_a * k * UNIT, SHARE), -SHARE));
    float take = (float)hb * (SHARE - fmaxf(fminf(0.5f * flow_b * k * UNIT, SHARE), -SHARE));
    out.moved = (int)(wall ? 0.0f : fmaxf(fminf(volume * k, give), -take));
    out.along = wall ? 0.0f : out.along;
    return out;
}

// Whether a slope may be laid through two cells, and half the limited slope of the level: see cpu/flow.py.
__device__ __forceinline__ int joined(int h, float deep, float z, int h1, float deep1, float z1) {
    float dz = z1 - z;
    float rise = (float)(int)((unsigned int)h1 - (unsigned int)h) * UNIT + dz;
    float over = dz > 0.0f ? deep1 : deep;
    return h1 >= 0 && (fabsf(dz) <= over || fabsf(rise) >= over);
}

__device__ __forceinline__ float level(int h0, float z0, int h, float z, int h1, float z1, float before, float after,
                                       float thick, float depth) {
    float dz0 = before * (z - z0), dz1 = after * (z1 - z);
    float a = (float)(int)((unsigned int)h - (unsigned int)h0) * UNIT + (z - z0);
    float b = (float)(int)((unsigned int)h1 - (unsigned int)h) * UNIT + (z1 - z);
    float slope = minmod(before * a, after * b);
    float bed = minmod(dz0, dz1) * ROUNDED;
    float lean = slope - thick;
    float held = fmaxf(fminf(lean, fmaxf(bed, 0.0f)), fminf(bed, 0.0f));
    int tall = fmaxf(fabsf(dz0), fabsf(dz1)) > depth;
    return tall && held != lean ? thick + held : slope;
}
