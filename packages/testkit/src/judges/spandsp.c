/*
 * spandsp on the command line: a switch's DTMF receiver and two codecs, written by others than the product. Reads all of stdin;
 * linear audio is 16 bit, the machine's own byte order, mono. Compiled when a test needs it (see spandsp.ts).
 *
 *   dtmf [TWIST_DB REVERSE_TWIST_DB THRESHOLD_DBM0]   8 kHz audio -> a line "DIGIT SAMPLE" for each key: when it was reported
 *   gsm-encode, gsm-decode                            8 kHz audio <-> GSM 06.10 full rate, 33 bytes for each 20 ms
 *   g722-encode, g722-decode                          16 kHz audio <-> G.722 at 64 kbit/s
 *   g722-encode-8k, g722-decode-8k                    the same from and to 8 kHz audio
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spandsp.h>

/* 1 ms: how precisely a key's report is placed. */
#define STEP_SAMPLES 8
/* A G.722 encoder takes pairs, a GSM encoder frames of this many samples. */
#define FRAME_SAMPLES 160
#define GSM_FRAME_BYTES 33

static long position;

static void on_digits(void *user_data, const char *digits, int length)
{
    (void) user_data;
    for (int at = 0; at < length; at++)
        printf("%c %ld\n", digits[at], position);
}

static void *must(void *state)
{
    if (state == NULL) {
        fprintf(stderr, "spandsp could not start\n");
        exit(1);
    }
    return state;
}

static void dtmf(int16_t *audio, long samples, int argc, char **argv)
{
    dtmf_rx_state_t *receiver = must(dtmf_rx_init(NULL, on_digits, NULL));
    if (argc == 5)
        dtmf_rx_parms(receiver, 0, atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    while (position < samples) {
        long step = samples - position < STEP_SAMPLES ? samples - position : STEP_SAMPLES;
        int16_t *from = audio + position;
        position += step;
        dtmf_rx(receiver, from, (int) step);
    }
}

static void gsm_encode(const int16_t *audio, long samples)
{
    uint8_t code[GSM_FRAME_BYTES];
    gsm0610_state_t *codec = must(gsm0610_init(NULL, GSM0610_PACKING_VOIP));
    for (long at = 0; at + FRAME_SAMPLES <= samples; at += FRAME_SAMPLES)
        fwrite(code, 1, gsm0610_encode(codec, code, audio + at, FRAME_SAMPLES), stdout);
}

static void gsm_decode(const uint8_t *code, long bytes)
{
    int16_t audio[FRAME_SAMPLES];
    gsm0610_state_t *codec = must(gsm0610_init(NULL, GSM0610_PACKING_VOIP));
    for (long at = 0; at + GSM_FRAME_BYTES <= bytes; at += GSM_FRAME_BYTES)
        fwrite(audio, 2, gsm0610_decode(codec, audio, code + at, GSM_FRAME_BYTES), stdout);
}

static void g722_encode_all(const int16_t *audio, long samples, int options)
{
    uint8_t code[FRAME_SAMPLES];
    g722_encode_state_t *codec = must(g722_encode_init(NULL, 64000, options));
    for (long at = 0; at + FRAME_SAMPLES <= samples; at += FRAME_SAMPLES)
        fwrite(code, 1, g722_encode(codec, code, audio + at, FRAME_SAMPLES), stdout);
}

static void g722_decode_all(const uint8_t *code, long bytes, int options)
{
    int16_t audio[2 * FRAME_SAMPLES];
    g722_decode_state_t *codec = must(g722_decode_init(NULL, 64000, options));
    for (long at = 0; at < bytes; at += FRAME_SAMPLES) {
        long step = bytes - at < FRAME_SAMPLES ? bytes - at : FRAME_SAMPLES;
        fwrite(audio, 2, g722_decode(codec, audio, code + at, (int) step), stdout);
    }
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    size_t capacity = 1 << 20, bytes = 0, got;
    uint8_t *input = must(malloc(capacity));
    while ((got = fread(input + bytes, 1, capacity - bytes, stdin)) > 0) {
        bytes += got;
        if (bytes == capacity)
            input = must(realloc(input, capacity *= 2));
    }
    int16_t *audio = (int16_t *) input;
    long samples = (long) (bytes / 2);

    if (strcmp(mode, "dtmf") == 0 && (argc == 2 || argc == 5))
        dtmf(audio, samples, argc, argv);
    else if (strcmp(mode, "gsm-encode") == 0)
        gsm_encode(audio, samples);
    else if (strcmp(mode, "gsm-decode") == 0)
        gsm_decode(input, (long) bytes);
    else if (strcmp(mode, "g722-encode") == 0)
        g722_encode_all(audio, samples, 0);
    else if (strcmp(mode, "g722-encode-8k") == 0)
        g722_encode_all(audio, samples, G722_SAMPLE_RATE_8000);
    else if (strcmp(mode, "g722-decode") == 0)
        g722_decode_all(input, (long) bytes, 0);
    else if (strcmp(mode, "g722-decode-8k") == 0)
        g722_decode_all(input, (long) bytes, G722_SAMPLE_RATE_8000);
    else {
        fprintf(stderr, "unknown mode \"%s\": see the head of spandsp.c\n", mode);
        return 2;
    }
    return 0;
}
