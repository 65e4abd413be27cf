/* SPDX-License-Identifier: Apache-2.0 */
#include "crossing.h"

void crossing_init(struct crossing *crossing)
{
	*crossing = (struct crossing){ 0 };
	pthread_mutex_init(&crossing->lock, NULL);
	pthread_cond_init(&crossing->changed, NULL);
}

void crossing_destroy(struct crossing *crossing)
{
	pthread_cond_destroy(&crossing->changed);
	pthread_mutex_destroy(&crossing->lock);
}

int crossing_ask(struct crossing *crossing, struct loop *loop, void (*fn)(void *arg), void *arg, struct fail *fail)
{
	int result = 0;

	pthread_mutex_lock(&crossing->lock);
	crossing->answered = false;
	pthread_mutex_unlock(&crossing->lock);
	if (loop_post(loop, fn, arg) < 0)
		return fail_set(fail, "no-memory", "The host ran out of memory.");
	pthread_mutex_lock(&crossing->lock);
	while (!crossing->answered && !crossing->aborted)
		pthread_cond_wait(&crossing->changed, &crossing->lock);
	if (!crossing->answered) {
		result = fail_set(fail, "cancelled", "Cancelled because the VM's supervisor ends.");
	} else if (crossing->failed) {
		*fail = crossing->fail;
		result = -1;
	}
	pthread_mutex_unlock(&crossing->lock);
	return result;
}

void crossing_done(struct crossing *crossing, const struct fail *fail)
{
	pthread_mutex_lock(&crossing->lock);
	crossing->answered = true;
	crossing->failed = fail;
	if (fail)
		crossing->fail = *fail;
	pthread_cond_signal(&crossing->changed);
	pthread_mutex_unlock(&crossing->lock);
}

void crossing_abort(struct crossing *crossing)
{
	pthread_mutex_lock(&crossing->lock);
	crossing->aborted = true;
	pthread_cond_signal(&crossing->changed);
	pthread_mutex_unlock(&crossing->lock);
}
