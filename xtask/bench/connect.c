/* The floor of a connect sweep: two threads of blocking connect(2) over every port of 127.0.0.1.
 * It prints each port that takes a connection, leaves no TIME-WAIT, and does nothing else. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *half(void *argument) {
    uintptr_t odd = (uintptr_t)argument;
    for (uint32_t port = 1 + odd; port <= 65535; port += 2) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0)
            continue;
        if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) {
            struct sockaddr_in own;
            socklen_t length = sizeof own;
            struct linger none = {1, 0};
            getsockname(fd, (struct sockaddr *)&own, &length);
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
            if (own.sin_port != to.sin_port)
                printf("%u\n", port);
        }
        close(fd);
    }
    return NULL;
}

int main(void) {
    pthread_t other;
    pthread_create(&other, NULL, half, (void *)1);
    half(NULL);
    pthread_join(other, NULL);
    return 0;
}
