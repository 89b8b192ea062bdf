/* Comments on objects of any kind. */
#ifndef GURUM_CLOUD_ANNOTATION_H
#define GURUM_CLOUD_ANNOTATION_H

void annotation_register(void); /* commands, kind annotation, the mark "hasannotations" */

#endif
